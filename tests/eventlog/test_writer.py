"""What the writer promises its callers."""

from __future__ import annotations

import asyncio
import os
import signal
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError
from psycopg import AsyncConnection, AsyncRawCursor

from domain.records import NumberAlreadyTaken, NumberAssigned, NumberReleased
from eventlog.embedded import EmbeddedServer
from eventlog.line import LogBusy
from eventlog.log import EventLog
from eventlog.operations import INSERT_EVENTS
from eventlog.pool import Pool, make_pool
from eventlog.schema import create_utility_schema
from eventlog.transaction import EventRow
from eventlog.writer import AppendRefused, Writer
from tests.eventlog.scenes import log_of, until, wallet_opened
from tests.pg import UTILITY_SCHEMA


def row(originator_id: UUID | None = None, version: int = 1, state: bytes = b"{}") -> EventRow:
    return EventRow(originator_id or uuid4(), version, "wallet-opened", state)


async def waits_for_lock(database: str) -> None:
    """This will return once somebody in the database waits for another's transaction."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'"
    async with await AsyncConnection.connect(database, autocommit=True) as watcher:
        while await (await watcher.execute(waiting)).fetchone() == (0,):
            pass


async def versions(pool: Pool) -> set[tuple[UUID, int]]:
    async with pool.connection() as connection:
        rows = await connection.execute(f"SELECT originator_id, originator_version FROM {UTILITY_SCHEMA}.events")
        return {(found[0], found[1]) for found in await rows.fetchall()}


class AWriter:
    async def test_gives_the_position_of_the_last_event(self, pool: Pool) -> None:
        writer, originator_id = Writer(pool, UTILITY_SCHEMA), uuid4()
        assert await writer.append([row(originator_id, 1), row(originator_id, 2)]) == 2
        assert await writer.append([row()]) == 3

    async def test_gives_each_of_many_commands_its_own_position(self, pool: Pool) -> None:
        writer = Writer(pool, UTILITY_SCHEMA)
        commands = [[row() for _ in range(size % 5 + 1)] for size in range(150)]
        positions = await asyncio.gather(*(writer.append(command) for command in commands))
        async with pool.connection() as connection:
            found = await connection.execute(f"SELECT originator_id, notification_id FROM {UTILITY_SCHEMA}.events")
            stored: dict[UUID, int] = dict(await found.fetchall())
        assert positions == [max(stored[event.originator_id] for event in command) for command in commands]

    async def test_keeps_the_order_of_a_commands_events(self, pool: Pool) -> None:
        writer = Writer(pool, UTILITY_SCHEMA)
        commands = [[row() for _ in range(7)] for _ in range(20)]
        await asyncio.gather(*(writer.append(command) for command in commands))
        async with pool.connection() as connection:
            found = await connection.execute(f"SELECT originator_id FROM {UTILITY_SCHEMA}.events ORDER BY notification_id")
            stored = [originator_id for (originator_id,) in await found.fetchall()]
        for command in commands:
            places = [stored.index(event.originator_id) for event in command]
            assert places == sorted(places)

    async def test_makes_a_transaction_again_that_deadlocked(self, pool: Pool, database: str) -> None:
        first, second = row(), row()
        async with await AsyncConnection.connect(database, autocommit=True) as other:
            await other.execute("SET deadlock_timeout = '60s'")  # so that the writer is the victim
            await other.execute("BEGIN")
            insert = f"INSERT INTO {UTILITY_SCHEMA}.events VALUES (%s, 1, 'wallet-opened', '', -%s)"
            await other.execute(insert, [second.originator_id, 1])
            appending = asyncio.create_task(Writer(pool, UTILITY_SCHEMA).append([first, second]))
            await waits_for_lock(database)
            await other.execute(insert, [first.originator_id, 2])
            assert not appending.done()
            await other.execute("ROLLBACK")
            assert await appending > 0
        assert await versions(pool) == {first[:2], second[:2]}

    async def test_writes_together_what_arrives_together(self, pool: Pool) -> None:
        writer = Writer(pool, UTILITY_SCHEMA)
        await asyncio.gather(*(writer.append([row()]) for _ in range(100)))
        async with pool.connection() as connection:
            found = await connection.execute(f"SELECT count(DISTINCT xmin::text) FROM {UTILITY_SCHEMA}.events")
            assert await found.fetchone() == (1,)

    async def test_writes_a_command_of_more_events_than_a_statement_takes(self, pool: Pool) -> None:
        writer, originator_id = Writer(pool, UTILITY_SCHEMA), uuid4()
        assert await writer.append([row(originator_id, version) for version in range(1, 1001)]) == 1000
        assert len(await versions(pool)) == 1000

    @pytest.mark.parametrize("count", [1, 64])
    async def test_is_seen_by_the_fence_before_it_draws_a_number(self, pool: Pool, count: int) -> None:
        """Where the sequence gives none any more, nothing is stored: the id that the transaction has then, it had before."""
        [(sql, values)] = INSERT_EVENTS.statements(UTILITY_SCHEMA, [row() for _ in range(count)])
        own_id = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"
        async with pool.connection() as connection:
            await connection.execute(f"ALTER SEQUENCE {UTILITY_SCHEMA}.events_notification_id_seq MAXVALUE 2")
            await connection.execute(f"SELECT setval('{UTILITY_SCHEMA}.events_notification_id_seq', 2)")
            async with connection.transaction():
                assert await (await connection.execute(own_id)).fetchone() == (False,)
                with pytest.raises(psycopg.errors.SequenceGeneratorLimitExceeded):
                    async with connection.transaction():
                        await AsyncRawCursor(connection).execute(sql, values)
                assert await (await connection.execute(own_id)).fetchone() == (True,)

    async def test_refuses_a_taken_version_and_leaves_nothing_of_the_command(self, pool: Pool) -> None:
        writer, taken = Writer(pool, UTILITY_SCHEMA), row()
        await writer.append([taken])
        other = Writer(pool, UTILITY_SCHEMA)
        with pytest.raises(IntegrityError):
            await other.append([row(), taken, row()])
        assert await versions(pool) == {taken[:2]}

    async def test_refuses_only_the_culprits_of_a_batch(self, pool: Pool) -> None:
        taken = [row() for _ in range(3)]
        await Writer(pool, UTILITY_SCHEMA).append(taken)
        writer = Writer(pool, UTILITY_SCHEMA)
        commands = [[row()] for _ in range(60)]
        for place, event in zip((0, 30, 59), taken, strict=True):
            commands[place].append(event)
        outcomes = await asyncio.gather(*(writer.append(command) for command in commands), return_exceptions=True)
        refused = [place for place, outcome in enumerate(outcomes) if isinstance(outcome, IntegrityError)]
        assert refused == [0, 30, 59]
        assert len(await versions(pool)) == 3 + 57

    async def test_gives_one_version_to_one_of_many_racers_of_several_writers(self, pool: Pool) -> None:
        writers = [Writer(pool, UTILITY_SCHEMA) for _ in range(4)]
        for _ in range(10):
            originator_id = uuid4()
            races = [writers[place % 4].append([row(originator_id, state=b"%d" % place)]) for place in range(64)]
            outcomes = await asyncio.gather(*races, return_exceptions=True)
            assert sum(isinstance(outcome, int) for outcome in outcomes) == 1
            assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == 63

    async def test_names_what_the_database_refuses_without_its_content(self, pool: Pool) -> None:
        writer = Writer(pool, UTILITY_SCHEMA)
        good = writer.append([row()])
        bad = writer.append([EventRow(uuid4(), 1, "a\x00topic", b"secret")])
        outcomes = await asyncio.gather(good, bad, return_exceptions=True)
        assert isinstance(outcomes[0], int)
        assert isinstance(outcomes[1], AppendRefused)
        assert "secret" not in str(outcomes[1]) and "topic" not in str(outcomes[1])

    async def test_takes_no_more_commands_than_may_wait(self, pool: Pool) -> None:
        writer = Writer(pool, UTILITY_SCHEMA, waiting=10)
        outcomes = await asyncio.gather(*(writer.append([row()]) for _ in range(12)), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [int] * 10 + [LogBusy] * 2

    async def test_goes_on_with_the_others_when_a_caller_is_cancelled(self, pool: Pool) -> None:
        writer = Writer(pool, UTILITY_SCHEMA)
        tasks = [asyncio.create_task(writer.append([row()])) for _ in range(20)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(outcomes[3], asyncio.CancelledError)
        assert sum(isinstance(outcome, int) for outcome in outcomes) == 19

    async def test_wakes_the_followers_after_the_append(self, pool: Pool, database: str) -> None:
        async with await AsyncConnection.connect(database, autocommit=True) as listener:
            await listener.execute(f"LISTEN {UTILITY_SCHEMA}")
            await Writer(pool, UTILITY_SCHEMA).append([row()])
            heard = [hint.channel async for hint in listener.notifies(timeout=60, stop_after=1)]
        assert heard == [UTILITY_SCHEMA]


class ANumber:
    async def test_that_is_taken_refuses_the_whole_command(self, log: EventLog) -> None:
        mine, theirs = uuid4(), uuid4()
        await log.append([], [NumberAssigned(kind="account", number="4711", account_id=mine)])
        events = wallet_opened()
        with pytest.raises(NumberAlreadyTaken):
            await log.append(events, [NumberAssigned(kind="account", number="4711", account_id=theirs)])
        assert await log.load(events[0].originator_id) == []
        found = await log.find_number("account", "4711")
        assert found is not None and found.account_id == mine

    async def test_goes_to_one_of_many_racers(self, log: EventLog) -> None:
        races = [log.append(wallet_opened(), [NumberAssigned(kind="meter", number="1", account_id=uuid4())]) for _ in range(32)]
        outcomes = await asyncio.gather(*races, return_exceptions=True)
        assert sum(isinstance(outcome, int) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, NumberAlreadyTaken) for outcome in outcomes) == 31

    async def test_may_move_in_one_command(self, log: EventLog) -> None:
        mine, theirs, meter = uuid4(), uuid4(), uuid4()
        await log.append([], [NumberAssigned(kind="meter", number="9", account_id=mine, meter_id=meter)])
        moved = NumberAssigned(kind="meter", number="9", account_id=theirs, meter_id=meter)
        await log.append(wallet_opened(), [NumberReleased(kind="meter", number="9"), moved])
        found = await log.find_number("meter", "9")
        assert found is not None and (found.account_id, found.meter_id) == (theirs, meter)

    async def test_is_not_kept_in_clear(self, log: EventLog, database: str) -> None:
        await log.append([], [NumberAssigned(kind="account", number="47110815", account_id=uuid4())])
        with psycopg.connect(database) as connection:
            rows = connection.execute(f"SELECT t::text, encode(number_hash, 'escape') FROM {UTILITY_SCHEMA}.numbers t").fetchall()
        assert "47110815" not in str(rows)


class ARestartOfPostgreSQL:
    async def test_costs_waiting_commands_only_time(self, own_server: EmbeddedServer) -> None:
        with psycopg.connect(own_server.dsn) as connection:
            create_utility_schema(connection, UTILITY_SCHEMA)
        told: dict[UUID, int] = {}
        async with make_pool(own_server.dsn) as pool:
            log, ended = log_of(pool), asyncio.Event()

            async def appends() -> None:
                while not ended.is_set():
                    events = wallet_opened()
                    told[events[0].originator_id] = await log.append(events)

            writing = [asyncio.create_task(appends()) for _ in range(16)]
            for kill in (signal.SIGINT, signal.SIGKILL):
                await asyncio.sleep(0.3)
                pid = own_server.pid
                assert pid is not None
                await asyncio.to_thread(end, own_server, kill)
                before = len(told)
                await asyncio.to_thread(own_server.start)
                await until(lambda before=before: len(told) >= before + 100)  # type: ignore[misc]
            ended.set()
            await asyncio.gather(*writing)
        with psycopg.connect(own_server.dsn) as connection:
            rows = connection.execute(f"SELECT originator_id, notification_id FROM {UTILITY_SCHEMA}.events").fetchall()
        assert dict(rows) == told


def end(server: EmbeddedServer, kill: signal.Signals) -> None:
    """As an operator would (SIGINT), or as a power cut does."""
    if kill is signal.SIGKILL:
        os.kill(server.pid or 0, kill)
        while server.is_running():
            pass
    else:
        server.stop()
