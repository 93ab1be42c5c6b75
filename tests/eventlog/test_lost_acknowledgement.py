"""A connection that ends between COMMIT and its acknowledgement: the writer finds out whether the command is in the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncRawCursor

from domain.idempotency import AlreadyAnswered, Claimed
from domain.records import Answered, FeedAdvanced, NumberAssigned, SecretHeld
from eventlog import transaction
from eventlog.line import LogUnavailable, OutcomeUnknown
from eventlog.log import EventLog
from eventlog.operations import INSERT_EVENTS
from eventlog.pool import make_pool
from eventlog.transaction import EventRow
from eventlog.writer import Writer
from tests.eventlog.proxy import Proxy, proxied
from tests.eventlog.scenes import NOON, account_opened, log_of, until, wallet_opened
from tests.pg import UTILITY_SCHEMA


@asynccontextmanager
async def log_behind_proxy(database: str) -> AsyncIterator[tuple[Proxy, EventLog]]:
    async with proxied(database) as (proxy, dsn), make_pool(dsn) as pool:
        yield proxy, log_of(pool)


def stored(database: str, table: str = "events") -> int:
    with psycopg.connect(database) as connection:
        [(count,)] = connection.execute(f"SELECT count(*) FROM {UTILITY_SCHEMA}.{table}").fetchall()
        return int(count)


class ALostAcknowledgement:
    async def test_is_recognised_as_the_commands_own(self, database: str) -> None:
        async with log_behind_proxy(database) as (proxy, log):
            await log.append(wallet_opened())
            proxy.lose_replies = 1
            events = wallet_opened()
            position = await log.append(events)
            assert proxy.lost == 1
            assert await log.load(events[0].originator_id) == events
            with psycopg.connect(database) as connection:
                rows = connection.execute(
                    f"SELECT notification_id FROM {UTILITY_SCHEMA}.events WHERE originator_id = %s", [events[0].originator_id]
                ).fetchall()
            assert rows == [(position,)]

    async def test_of_many_commands_together_tells_each_its_own_position(self, database: str) -> None:
        async with log_behind_proxy(database) as (proxy, log):
            await log.append(wallet_opened())
            commands = [wallet_opened() for _ in range(40)]
            proxy.lose_replies = 1
            positions = await asyncio.gather(*(log.append(events) for events in commands))
            assert proxy.lost == 1
            assert len(set(positions)) == 40
            assert stored(database) == 41

    async def test_covers_sealed_events_and_records(self, database: str) -> None:
        async with log_behind_proxy(database) as (proxy, log):
            await log.append(wallet_opened())
            account_id, secret_id = uuid4(), uuid4()
            claim = await log.claim("visitor:redeem", "a key", b"body", NOON)
            assert isinstance(claim, Claimed)
            events = account_opened(account_id)
            proxy.lose_replies = 1
            await log.append(
                events,
                [
                    NumberAssigned(kind="account", number="1", account_id=account_id),
                    SecretHeld(secret_id=secret_id, purpose="scratch-code", account_id=account_id, secret="x", expires_at=None),
                    Answered(scope="visitor:redeem", key="a key", claimant=claim.claimant, status=202, body=b"{}"),
                ],
            )
            assert proxy.lost == 1
            assert await log.load(account_id) == events
            assert await log.secret(secret_id) == "x"
            assert isinstance(await log.claim("visitor:redeem", "a key", b"body", NOON), AlreadyAnswered)

    async def test_is_recognised_too_where_only_what_followed_it_failed(
        self, database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failed = []

        class FailsAfterwards(AsyncRawCursor[Any]):
            async def execute(self, *given: Any, **how: Any) -> Any:
                done = await super().execute(*given, **how)
                if not failed:
                    failed.append(done)
                    raise psycopg.errors.QueryCanceled("DEALLOCATE")
                return done

        monkeypatch.setattr(transaction, "AsyncRawCursor", FailsAfterwards)
        async with make_pool(database) as pool:
            log, events = log_of(pool), wallet_opened()
            assert await log.append(events) == 1
            assert failed
            assert await log.load(events[0].originator_id) == events

    async def test_of_records_without_events_leaves_them_written_once(self, database: str) -> None:
        async with log_behind_proxy(database) as (proxy, log):
            await log.append(wallet_opened())
            claim = await log.claim("visitor:redeem", "a key", b"body", NOON)
            assert isinstance(claim, Claimed)
            proxy.lose_replies = 1
            records = [
                FeedAdvanced(feed="accounts", cursor="7"),
                Answered(scope="visitor:redeem", key="a key", claimant=claim.claimant, status=409, body=b"refused"),
            ]
            assert await log.append([], records) == 0
            assert proxy.lost == 1
            assert await log.feed_cursor("accounts") == "7"
            known = await log.claim("visitor:redeem", "a key", b"body", NOON)
            assert known == AlreadyAnswered(status=409, body=b"refused", position=0)

    async def test_does_not_take_another_commands_event_for_its_own(self, database: str) -> None:
        originator_id = uuid4()
        async with proxied(database) as (proxy, dsn), make_pool(dsn) as pool:
            writer = Writer(pool, UTILITY_SCHEMA)
            await writer.append([EventRow(uuid4(), 1, "wallet-opened", b"warm")])
            proxy.lose_requests = 1
            mine = asyncio.create_task(writer.append([EventRow(originator_id, 1, "wallet-opened", b"mine")]))
            await until(lambda: proxy.lost)
            with psycopg.connect(database, autocommit=True) as connection:
                [(sql, values)] = INSERT_EVENTS.statements(UTILITY_SCHEMA, [(originator_id, 1, "wallet-opened", b"theirs")])
                psycopg.RawCursor(connection).execute(sql, values)
            with pytest.raises(INSERT_EVENTS.conflict or Exception):
                await mine


class ALostRequest:
    async def test_is_made_again(self, database: str) -> None:
        async with log_behind_proxy(database) as (proxy, log):
            await log.append(wallet_opened())
            proxy.lose_requests = 3
            events = wallet_opened()
            await log.append(events)
            assert proxy.lost == 3
            assert await log.load(events[0].originator_id) == events


class ADatabaseThatStaysAway:
    async def test_is_told_as_such_where_nothing_was_written(self, database: str) -> None:
        async with proxied(database) as (proxy, dsn), make_pool(dsn) as pool:
            writer = Writer(pool, UTILITY_SCHEMA, patience=1.5)
            await writer.append([EventRow(uuid4(), 1, "wallet-opened", b"1")])
            await pool.close()
            with pytest.raises(LogUnavailable) as told:
                await writer.append([EventRow(uuid4(), 1, "wallet-opened", b"2")])
            assert not isinstance(told.value, OutcomeUnknown)
            assert proxy.lost == 0

    async def test_leaves_the_outcome_unknown_where_it_was_lost_while_it_wrote(self, database: str) -> None:
        async with proxied(database) as (proxy, dsn), make_pool(dsn) as pool:
            writer = Writer(pool, UTILITY_SCHEMA, patience=1.5)
            await writer.append([EventRow(uuid4(), 1, "wallet-opened", b"1")])
            proxy.lose_replies = 1
            appending = asyncio.create_task(writer.append([EventRow(uuid4(), 1, "wallet-opened", b"2")]))
            await until(lambda: proxy.lost)
            await proxy.close()
            with pytest.raises(OutcomeUnknown):
                await appending
        assert stored(database) == 2


class BackendsThatAreKilledWhileTheyCommit:
    async def test_lose_nothing_and_double_nothing(self, database: str) -> None:
        """Sixty-four commands in flight, three hundred kills."""
        told: dict[object, int] = {}
        async with make_pool(database) as pool:
            log, ended = log_of(pool), asyncio.Event()

            async def appends() -> None:
                while not ended.is_set():
                    events = wallet_opened()
                    told[events[0].originator_id] = await log.append(events)

            async def kills() -> None:
                async with await psycopg.AsyncConnection.connect(database, autocommit=True) as killer:
                    for _ in range(300):
                        await killer.execute(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'"
                        )
                        await asyncio.sleep(0.005)
                ended.set()

            await asyncio.gather(kills(), *(appends() for _ in range(64)))
        with psycopg.connect(database) as connection:
            rows = connection.execute(f"SELECT originator_id, notification_id FROM {UTILITY_SCHEMA}.events").fetchall()
        assert dict(rows) == told
        assert len(rows) == len(told) > 300
