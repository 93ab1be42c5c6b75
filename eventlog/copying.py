"""Copies a utility's tables to another server as they were at one moment, from which replication goes on.

PostgreSQL's subscriptions can copy too (`copy_data`). Here the product does it, since a replication slot's snapshot counts a
transaction as committed once its commit is in the write-ahead log, while that it was committed is noted (in pg_xact) a moment
later: whoever looked at its rows in between would take them for rolled back. Nobody looks before all who wrote at that moment
have ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from eventlog.side import MARKS, Side

WAITS_FOR_WRITERS_S = 0.3
"""How long writers may be kept waiting behind one that is slow to end, until all are let go and it is tried again."""

LETS_GO_FOR_S = 0.3

TOLD_EVERY_S = 0.1

Told = Callable[[int, int], None]
"""Told of the events that are copied: how many in all, and how many since it was told last."""


def copy(source: Side, target: Side, told: Told) -> None:
    """This will fill the target's empty tables with all that the source holds, and make the slot by which the target goes on."""
    with exported(source) as snapshot:
        settle(source)
        with source.beside.transaction():
            source.beside.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            source.beside.execute(SQL("SET TRANSACTION SNAPSHOT {}").format(Literal(snapshot)))
            for table in (*source.tables(), MARKS):
                _copy_table(source, target, table, told if table == "events" else lambda done, new: None)


@contextmanager
def exported(source: Side) -> Iterator[str]:
    """This will make the source's slot, and give the snapshot of all that came before it."""
    source.drop_slot(source.slot)
    with psycopg.connect(source.dsn, autocommit=True, connect_timeout=10, replication="database") as connection:
        query = SQL("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput (SNAPSHOT 'export')").format(Identifier(source.slot))
        row = connection.execute(query).fetchone()
        assert row is not None  # noqa: S101 (for the type checker: the command gives one row)
        yield str(row[2])


def settle(source: Side) -> None:
    """This will wait until everybody who writes now has ended; those who come meanwhile wait for as long."""
    while True:
        try:
            with source.locked(WAITS_FOR_WRITERS_S):
                return
        except psycopg.errors.QueryCanceled:
            time.sleep(LETS_GO_FOR_S)


def _copy_table(source: Side, target: Side, table: str, told: Told) -> None:
    names = target.one(
        SQL(
            "SELECT array_agg(attname ORDER BY attname) FROM pg_attribute"
            " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
        ),
        [f"{target.schema}.{table}"],
    )
    what = SQL("{} ({})").format(target.of(table), SQL(", ").join(map(Identifier, names)))
    done = told_of = 0
    next_at = time.monotonic() + TOLD_EVERY_S
    with (
        source.beside.cursor().copy(SQL("COPY {} TO STDOUT (FORMAT binary)").format(what)) as taken,
        target.beside.cursor().copy(SQL("COPY {} FROM STDIN (FORMAT binary)").format(what)) as given,
    ):
        for done, piece in enumerate(taken):  # a row each; the last piece only says that there are no more
            given.write(piece)
            if time.monotonic() >= next_at:
                told(done, done - told_of)
                told_of, next_at = done, time.monotonic() + TOLD_EVERY_S
    told(done, done - told_of)
