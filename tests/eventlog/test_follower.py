"""A follower: every event once, in order, and what is written of it in the same transaction as how far it came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection, AsyncCursor, AsyncRawCursor

from domain.event import CATALOGUE
from eventlog import codec
from eventlog.embedded import EmbeddedServer
from eventlog.follower import LONGEST_REST_S, Follower, Poison, Recorded
from eventlog.leadership import LeadershipLost
from eventlog.log import EventLog
from eventlog.operations import INSERT_EVENTS
from eventlog.pool import make_pool
from eventlog.schema import create_utility_schema
from tests.eventlog.scenes import account_opened, log_of, until, wallet_opened
from tests.pg import UTILITY_SCHEMA


class Notes:
    """A follower's handler that writes positions into a table, and remembers what it was handed."""

    def __init__(self) -> None:
        self.batches: list[list[Recorded]] = []
        self.fail: Callable[[Recorded], bool] = lambda recorded: False

    async def take(self, cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
        self.batches.append(list(batch))
        for recorded in batch:
            await cursor.execute("INSERT INTO notes VALUES (%s)", [recorded.position])
            if self.fail(recorded):
                raise RuntimeError("Ann Person cannot be noted")

    @property
    def taken(self) -> list[Recorded]:
        return [recorded for batch in self.batches for recorded in batch]


class Slow:
    """A connection whose answers come late."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        answer = await self._connection.execute(*args, **kwargs)
        await asyncio.sleep(0.2)
        return answer


@pytest.fixture
def notes(database: str) -> Notes:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE notes (position bigint)")
    return Notes()


def noted(database: str) -> list[int]:
    with psycopg.connect(database) as connection:
        return [row[0] for row in connection.execute("SELECT position FROM notes ORDER BY ctid").fetchall()]


def tracked(database: str, name: str = "notes") -> int:
    with psycopg.connect(database) as connection:
        [(position,)] = connection.execute(f"SELECT position FROM {UTILITY_SCHEMA}.tracking WHERE name = %s", [name]).fetchall()
        return int(position)


async def park(cursor: AsyncCursor[Any], poison: Poison) -> None:
    await cursor.execute(
        f"INSERT INTO {UTILITY_SCHEMA}.parked (follower, originator_id, position, reason) VALUES ('notes', %s, %s, %s)",
        [poison.originator_id, poison.position, poison.reason],
    )


@asynccontextmanager
async def running(*followers: Follower) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(follower.run(stop)) for follower in followers]
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(60):
            await asyncio.gather(*tasks)


async def appended(log: EventLog, count: int) -> list[int]:
    return [await log.append(wallet_opened()) for _ in range(count)]


class AFollower:
    async def test_gets_every_event_in_order_with_its_position(self, log: EventLog, database: str, notes: Notes) -> None:
        commands = [wallet_opened() for _ in range(20)] + [account_opened()]
        positions = [await log.append(events) for events in commands]
        follower = Follower(database, log, "notes", notes.take)
        assert await follower.catch_up() == positions[-1]
        assert [recorded.event for recorded in notes.taken] == [event for events in commands for event in events]
        assert [recorded.position for recorded in notes.taken][:20] == positions[:20]

    async def test_takes_no_more_at_once_than_its_batch(self, log: EventLog, database: str, notes: Notes) -> None:
        await appended(log, 25)
        await Follower(database, log, "notes", notes.take, batch=10).catch_up()
        assert [len(batch) for batch in notes.batches] == [10, 10, 5]

    async def test_rests_after_each_batch_in_proportion_to_what_it_took(
        self, log: EventLog, database: str, notes: Notes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rests: list[float] = []

        async def resting(seconds: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
            rests.append(seconds)
            await sleep(0)

        async def take(cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
            await cursor.execute("SELECT pg_sleep(%s)", [0.02 if len(batch) == 10 else 0.4])

        await appended(log, 25)
        monkeypatch.setattr("eventlog.follower.asyncio.sleep", resting)
        await Follower(database, log, "notes", take, batch=10).catch_up(rest=2)
        first, second, third = (rest for rest in rests if rest > 0.03)
        assert min(first, second) > 0.04 and 0.8 < third <= LONGEST_REST_S and first < third
        rests.clear()
        await Follower(database, log, "others", take, batch=10).catch_up()
        assert max(rests) < 0.03

    async def test_reads_on_in_the_usual_way_where_it_cannot_read_ahead(
        self, log: EventLog, database: str, notes: Notes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[object] = []

        async def away(pool: object, ask: object, **_: object) -> object:
            asked.append(ask)
            raise psycopg.OperationalError("away")

        monkeypatch.setattr("eventlog.follower.read", away)
        positions = await appended(log, 25)
        await Follower(database, log, "notes", notes.take, batch=10).catch_up()
        assert noted(database) == positions
        assert len(asked) == 2, "each page but the last has one behind it"

    async def test_passes_over_nothing_where_batches_grow_again_while_it_reads_ahead(
        self, log: EventLog, database: str, notes: Notes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A page that was asked for with a small limit is no shorter than it, however large the limit is by now."""

        async def slowly(pool: Any, ask: Callable[[Any], Awaitable[Any]], **_: object) -> Any:
            async with pool.connection() as connection:
                return await ask(Slow(connection))

        monkeypatch.setattr("eventlog.follower.read", slowly)
        positions = await appended(log, 60)
        failures = iter([True])
        notes.fail = lambda recorded: next(failures, False)
        follower = Follower(database, log, "notes", notes.take, batch=20)
        await follower.catch_up()
        assert [len(batch) for batch in notes.batches][:3] == [20, 10, 10], (
            "the second page was asked for while batches were small"
        )
        assert noted(database) == positions

    @pytest.mark.parametrize(("waits", "setting"), [(True, "on"), (False, "off")])
    async def test_waits_for_the_disk_unless_told_not_to(self, own_server: EmbeddedServer, waits: bool, setting: str) -> None:
        told: list[str] = []

        async def take(cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
            await cursor.execute("SHOW synchronous_commit")
            told.extend(row[0] for row in await cursor.fetchall())

        with psycopg.connect(own_server.dsn) as connection:
            create_utility_schema(connection, UTILITY_SCHEMA)
        async with make_pool(own_server.dsn) as pool:
            there = log_of(pool)
            await appended(there, 1)
            await Follower(own_server.dsn, there, "notes", take, waits_for_disk=waits).catch_up()
        assert told == [setting]

    async def test_goes_on_where_it_stopped(self, log: EventLog, database: str, notes: Notes) -> None:
        first = await appended(log, 3)
        await Follower(database, log, "notes", notes.take).catch_up()
        second = await appended(log, 3)
        await Follower(database, log, "notes", notes.take).catch_up()
        assert noted(database) == first + second

    async def test_is_woken_by_an_append(self, log: EventLog, database: str, notes: Notes) -> None:
        async with running(Follower(database, log, "notes", notes.take)):
            for count in range(1, 6):
                await appended(log, 1)
                await until(lambda count=count: len(notes.taken) == count)  # type: ignore[misc]

    async def test_finds_by_looking_what_nobody_woke_it_for(self, log: EventLog, database: str, notes: Notes) -> None:
        async with running(Follower(database, log, "notes", notes.take)):
            await appended(log, 1)
            await until(lambda: len(notes.taken) == 1)
            [event] = wallet_opened()
            async with await AsyncConnection.connect(database) as connection:
                row = (event.originator_id, 1, event.TOPIC, codec.encode(event, None, bytes))
                [(sql, values)] = INSERT_EVENTS.statements(UTILITY_SCHEMA, [row])
                await AsyncRawCursor(connection).execute(sql, values)
            await until(lambda: len(notes.taken) == 2)

    async def test_keeps_nothing_of_a_batch_that_failed(self, log: EventLog, database: str, notes: Notes) -> None:
        positions = await appended(log, 10)
        notes.fail = lambda recorded: recorded.position == positions[7]
        with pytest.raises(RuntimeError):
            await Follower(database, log, "notes", notes.take).catch_up()
        assert noted(database) == positions[:7]
        assert tracked(database) == positions[6]
        notes.fail = lambda recorded: False
        await Follower(database, log, "notes", notes.take).catch_up()
        assert noted(database) == positions

    async def test_moves_past_a_gap_so_that_its_lag_is_true(self, log: EventLog, database: str, notes: Notes) -> None:
        [position] = await appended(log, 1)
        async with await AsyncConnection.connect(database, autocommit=True) as connection:
            await connection.execute(f"SELECT nextval('{UTILITY_SCHEMA}.events_notification_id_seq')")
        await Follower(database, log, "notes", notes.take).catch_up()
        assert tracked(database) == position + 1

    async def test_survives_the_end_of_its_connection(self, log: EventLog, database: str, notes: Notes) -> None:
        async with running(Follower(database, log, "notes", notes.take)):
            first = await appended(log, 2)
            await until(lambda: len(noted(database)) == 2)
            with psycopg.connect(database, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'seed notes' AND datname = current_database()"
                )
            second = await appended(log, 2)
            await until(lambda: len(noted(database)) == 4)
        assert noted(database) == first + second

    async def test_survives_a_restart_of_postgresql(self, own_server: EmbeddedServer) -> None:
        with psycopg.connect(own_server.dsn) as connection:
            create_utility_schema(connection, UTILITY_SCHEMA)
            connection.execute("CREATE TABLE notes (position bigint)")
        notes = Notes()
        async with make_pool(own_server.dsn) as pool:
            log = log_of(pool)
            async with running(Follower(own_server.dsn, log, "notes", notes.take)):
                first = await appended(log, 2)
                await until(lambda: len(noted(own_server.dsn)) == 2)
                await asyncio.to_thread(own_server.stop)
                await asyncio.to_thread(own_server.start)
                second = await appended(log, 2)
                await until(lambda: len(noted(own_server.dsn)) == 4)
        assert noted(own_server.dsn) == first + second


class OfTwoFollowersWithOneName:
    async def test_one_leads_and_the_other_takes_over(self, log: EventLog, database: str, notes: Notes) -> None:
        followers = [Follower(database, log, "notes", notes.take) for _ in range(2)]
        stops = [asyncio.Event(), asyncio.Event()]
        tasks = [asyncio.create_task(follower.run(stop)) for follower, stop in zip(followers, stops, strict=True)]
        first = await appended(log, 5)
        await until(lambda: any(follower.position == first[-1] for follower in followers))
        leader = 0 if followers[0].position else 1
        assert followers[1 - leader].position == 0
        stops[leader].set()
        await tasks[leader]
        second = await appended(log, 5)
        await until(lambda: followers[1 - leader].position == second[-1])
        stops[1 - leader].set()
        await tasks[1 - leader]
        assert noted(database) == first + second

    async def test_a_leader_that_was_given_up_writes_nothing(self, log: EventLog, database: str, notes: Notes) -> None:
        """Its connection may still live when another has taken over; the tracking row then stops it."""
        await appended(log, 3)
        stale, present = Follower(database, log, "notes", notes.take), Follower(database, log, "notes", notes.take)
        async with await AsyncConnection.connect(database, autocommit=True) as connection:
            await present.catch_up()
            with pytest.raises(LeadershipLost):
                while not await stale.step(connection):
                    pass
        assert len(noted(database)) == 3

    async def test_catching_up_is_refused_to_the_second(self, log: EventLog, database: str, notes: Notes) -> None:
        async with running(Follower(database, log, "notes", notes.take)):
            await appended(log, 1)
            await until(lambda: len(notes.taken) == 1)
            with pytest.raises(LeadershipLost):
                await Follower(database, log, "notes", notes.take).catch_up()


class APoisonEvent:
    async def test_is_parked_and_the_others_are_taken(self, log: EventLog, database: str, notes: Notes) -> None:
        positions = await appended(log, 40)
        poison = {positions[0], positions[17], positions[39]}
        notes.fail = lambda recorded: recorded.position in poison
        await Follower(database, log, "notes", notes.take, park=park).catch_up()
        assert noted(database) == [position for position in positions if position not in poison]
        with psycopg.connect(database) as connection:
            rows = connection.execute(f"SELECT position, reason FROM {UTILITY_SCHEMA}.parked ORDER BY 1").fetchall()
        assert [row[0] for row in rows] == sorted(poison)
        assert all(row[1].startswith("RuntimeError at test_follower.py:") and "Ann" not in row[1] for row in rows)
        assert tracked(database) == positions[39]

    async def test_that_cannot_be_read_is_parked_too(self, log: EventLog, database: str, notes: Notes) -> None:
        positions = await appended(log, 5)
        with psycopg.connect(database) as connection:
            connection.execute(f"UPDATE {UTILITY_SCHEMA}.events SET state = '{{}}' WHERE notification_id = %s", [positions[2]])
        await Follower(database, log, "notes", notes.take, park=park).catch_up()
        assert noted(database) == positions[:2] + positions[3:]

    async def test_is_held_at_where_nothing_is_parked(self, log: EventLog, database: str, notes: Notes) -> None:
        positions = await appended(log, 5)
        notes.fail = lambda recorded: recorded.position == positions[2]
        async with running(Follower(database, log, "notes", notes.take)):
            await until(lambda: len(notes.batches) > 6)
            assert noted(database) == positions[:2]
            notes.fail = lambda recorded: False
            await until(lambda: len(noted(database)) == 5)

    async def test_is_not_what_an_older_version_does_not_know(self, log: EventLog, database: str, notes: Notes) -> None:
        """A newer version's event waits for the newer follower."""
        [position] = await appended(log, 1)
        assert "from-tomorrow" not in CATALOGUE
        with psycopg.connect(database) as connection:
            connection.execute(f"UPDATE {UTILITY_SCHEMA}.events SET topic = 'from-tomorrow'")
        with pytest.raises(codec.UnknownTopic):
            await Follower(database, log, "notes", notes.take, park=park).catch_up()
        assert noted(database) == []

    async def test_is_not_what_fails_for_the_databases_sake(self, log: EventLog, database: str, notes: Notes) -> None:
        positions = await appended(log, 1)
        failures = iter([True, True, False])

        async def deadlocks(cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
            if next(failures):
                raise psycopg.errors.DeadlockDetected
            await notes.take(cursor, batch)

        handler: Callable[[AsyncCursor[Any], Sequence[Recorded]], Awaitable[None]] = deadlocks
        async with running(Follower(database, log, "notes", handler, park=park)):
            await until(lambda: noted(database) == positions)
        with psycopg.connect(database) as connection:
            assert connection.execute(f"SELECT * FROM {UTILITY_SCHEMA}.parked").fetchall() == []


class Reading:
    async def test_gives_an_aggregates_events_past_a_version(self, log: EventLog) -> None:
        events = account_opened()
        await log.append(events)
        assert await log.load(events[0].originator_id, after=1) == events[1:]
        assert await log.load(uuid4()) == []

    async def test_together_gives_each_its_own(self, log: EventLog) -> None:
        commands = [wallet_opened() for _ in range(100)]
        await asyncio.gather(*(log.append(events) for events in commands))
        found = await asyncio.gather(*(log.load(events[0].originator_id) for events in commands))
        assert list(found) == commands
