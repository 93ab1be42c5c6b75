"""The copy is of one moment, and nobody looks at it before all who wrote then have ended."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from eventlog.copying import copy, exported, settle
from eventlog.schema import create_utility_schema
from eventlog.side import Side
from tests.pg import UTILITY_SCHEMA

INSERT = (
    f"INSERT INTO {UTILITY_SCHEMA}.events (originator_id, originator_version, topic, state) SELECT gen_random_uuid(), 1, 'x', 'x'"
)
POSITIONS = f"SELECT notification_id FROM {UTILITY_SCHEMA}.events ORDER BY 1"


@pytest.fixture
def source(database: str) -> Iterator[Side]:
    side = Side(database, UTILITY_SCHEMA)
    side.make_marks()
    yield side
    side.drop_slot(side.slot)
    side.close()


@pytest.fixture
def target(elsewhere: str) -> Iterator[Side]:
    side = Side(elsewhere, UTILITY_SCHEMA)
    create_utility_schema(side.connection, UTILITY_SCHEMA)
    side.empty()
    side.make_marks()
    yield side
    side.close()


class ACopy:
    def test_holds_what_the_source_held_and_tells_how_many_events(self, source, target):
        source.beside.execute(f"{INSERT} FROM generate_series(1, 1000)")
        told: list[tuple[int, int]] = []
        copy(source, target, lambda done, new: told.append((done, new)))
        assert target.beside.execute(POSITIONS).fetchall() == source.beside.execute(POSITIONS).fetchall()
        assert told[-1][0] == sum(new for _, new in told) == 1000

    def test_holds_nothing_that_came_after_its_moment(self, source, database):
        with exported(source) as snapshot, psycopg.connect(database, autocommit=True) as writer:
            writer.execute(INSERT)
            with source.connection.transaction():
                source.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                source.connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
                assert source.connection.execute(POSITIONS).fetchall() == []

    def test_is_not_begun_while_somebody_writes(self, source, database, monkeypatch):
        tries = []
        with psycopg.connect(database) as writer:
            writer.execute(INSERT)

            def let_go(_: float) -> None:
                tries.append("waited for the writer, and let all others go on")
                writer.commit()

            monkeypatch.setattr("eventlog.copying.time.sleep", let_go)
            settle(source)
        assert len(tries) == 1
