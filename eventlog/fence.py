"""The fence: how far a follower may read without ever passing a number whose event may still appear.

Writers draw their numbers before they commit, so a higher number may be visible while a lower one is not yet. A writer
has its transaction id before it draws a number (operations.py). The fence reads the last number drawn, takes a
transaction id of its own, and waits until every transaction with a lower id has ended: then all that drew numbers up
to that one have, and each event is either visible or will never be. (A proof: docs/event-log.md.)

The number must not be read with `SELECT last_value FROM sequence`: that reads the sequence's row without its lock. While nextval
writes to the write-ahead log, that row shows what the log is to hold, a number up to 32 ahead of the last one drawn.
`pg_sequence_last_value` takes the lock that nextval holds meanwhile (PostgreSQL, src/backend/commands/sequence.c).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple

from psycopg import AsyncConnection, Connection
from psycopg.sql import SQL, Composed, Literal

Query = SQL | Composed

OLDEST_RUNNING = SQL("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
OWN_ID = SQL("SELECT pg_current_xact_id()::text::bigint")


def last_number(sequence: str) -> Composed:
    """This will make the query for the last number that a sequence has given out; 0 where it has given none."""
    return SQL("SELECT coalesce(pg_sequence_last_value({}::regclass), 0)").format(Literal(sequence))


class _Awaited(NamedTuple):
    number: int
    transaction_id: int


class Fence:
    """The mark of one utility's log. A connection given to it commits each statement by itself."""

    def __init__(self, schema: str) -> None:
        self._last_number = last_number(f'"{schema}".events_notification_id_seq')
        self._mark = 0
        self._awaited: _Awaited | None = None

    @property
    def held(self) -> bool:
        """Whether numbers were drawn beyond the mark whose transactions had not all ended."""
        return self._awaited is not None

    async def mark(self, connection: AsyncConnection[Any]) -> int:
        """This will give the position up to which everything is visible or will never be.

        Takes a transaction id only where a number was drawn since: an idle follower burns none.
        """
        marking = self._marking()
        query = next(marking)
        while True:
            [(number,)] = await (await connection.execute(query, prepare=True)).fetchall()
            try:
                query = marking.send(int(number))
            except StopIteration:
                return self._mark

    def mark_now(self, connection: Connection[Any]) -> int:
        """This will do the same for a tool that does not run in an event loop."""
        marking = self._marking()
        query = next(marking)
        while True:
            [(number,)] = connection.execute(query, prepare=True).fetchall()
            try:
                query = marking.send(int(number))
            except StopIteration:
                return self._mark

    def _marking(self) -> Generator[Query, int, None]:
        """Yields the queries one after another, and is sent their numbers. No query touches a table."""
        if self._awaited is None:
            number = yield self._last_number
            if number == self._mark:
                return
            self._awaited = _Awaited(number, (yield OWN_ID))
        if (yield OLDEST_RUNNING) > self._awaited.transaction_id:
            self._mark, self._awaited = self._awaited.number, None
