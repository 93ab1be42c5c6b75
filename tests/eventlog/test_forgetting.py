"""Keys, and what their destruction means: the person's data cannot be read any more, the money's history stays."""

from __future__ import annotations

import asyncio
import os
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from eventsourcing.persistence import IntegrityError
from psycopg.conninfo import make_conninfo

from domain.account_events import AccountOpened, ContactAdded
from domain.event import FORGOTTEN
from domain.records import AccountKeyCreated
from domain.wallet import Line, Receipt, Wallet
from eventlog.keys import KEPT, AccountForgotten, AccountKeyMissing, Keys, WrongMasterKey
from eventlog.log import EventLog, open_log
from eventlog.pool import Pool, make_pool
from eventlog.schema import create_utility_schema
from eventlog.secrets import UtilitySecrets
from tests.eventlog.scenes import NOON, account_opened, context, log_of, secrets
from tests.pg import UTILITY_SCHEMA

PERSON = ("Ann Person", "1 Long Street", "4711-0815", "ann@person.example")


def everything(database: str) -> bytes:
    """All that the utility's tables hold, as bytes."""
    found = b""
    with psycopg.connect(database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [UTILITY_SCHEMA]).fetchall()
        for (table,) in tables:
            with connection.cursor().copy(f"COPY {UTILITY_SCHEMA}.{table} TO STDOUT (FORMAT binary)") as copy:
                found += b"".join(bytes(part) for part in copy)
    return found


def receipt(juice_number: str, amount: int) -> Receipt:
    return Receipt(
        juice_number=juice_number,
        happened_at=NOON,
        amount=amount,
        currency="USD",
        lines=(Line(kind="wallet", amount=amount),),
        wallet_change=amount,
        wallet_balance=amount,
    )


class ADestroyedKey:
    async def test_leaves_the_persons_data_unreadable_and_the_wallets_sum_whole(self, log: EventLog, database: str) -> None:
        account_id, wallet = uuid4(), Wallet(uuid4())
        await log.append(account_opened(account_id), [AccountKeyCreated(account_id=account_id)])
        wallet.open(context(), account_id=account_id, currency="USD")
        for number in range(1, 5):
            wallet.take_transaction(context(), kind="Cash", receipt=receipt(f"J{number}", 250))
        await log.append(wallet.collect_events())
        assert not any(word.encode() in everything(database) for word in PERSON)

        await log.keys.destroy(account_id)

        opened, contact = await log.load(account_id)
        assert isinstance(opened, AccountOpened) and isinstance(contact, ContactAdded)
        assert {opened.name, opened.address, opened.number, contact.value} == {FORGOTTEN}
        assert Wallet.fold(wallet.id, await log.load(wallet.id)).balance == 1000

    async def test_is_not_used_by_another_process_for_longer_than_a_minute(self, log: EventLog, pool: Pool) -> None:
        account_id, now = uuid4(), 1000.0
        await log.append(account_opened(account_id))
        elsewhere = Keys(pool, UTILITY_SCHEMA, secrets(), os.urandom, monotonic=lambda: now)
        assert (await elsewhere.get([account_id]))[account_id] is not None
        await log.keys.destroy(account_id)
        now += KEPT - 1
        assert (await elsewhere.get([account_id]))[account_id] is not None
        now += 1
        assert (await elsewhere.get([account_id]))[account_id] is None

    async def test_refuses_new_personal_events(self, log: EventLog) -> None:
        account_id = uuid4()
        opened, contact = account_opened(account_id)
        await log.append([opened])
        await log.keys.destroy(account_id)
        with pytest.raises(AccountForgotten):
            await log.append([contact])
        assert len(await log.load(account_id)) == 1

    async def test_is_gone_from_the_table_itself(self, log: EventLog, database: str) -> None:
        account_id = uuid4()
        await log.append(account_opened(account_id))
        with psycopg.connect(database) as connection:
            [(wrapped,)] = connection.execute(f"SELECT wrapped FROM {UTILITY_SCHEMA}.account_keys").fetchall()
        assert wrapped in everything(database)
        await log.keys.destroy(account_id)
        assert wrapped not in everything(database)

    async def test_cannot_be_made_anew(self, log: EventLog) -> None:
        account_id = uuid4()
        await log.keys.destroy(account_id)
        with pytest.raises(AccountForgotten):
            await log.append(account_opened(account_id), [AccountKeyCreated(account_id=account_id)])


class AnAccountsKey:
    async def test_is_made_with_its_first_personal_event(self, log: EventLog) -> None:
        account_id = uuid4()
        assert await log.keys.get([account_id]) == {}
        await log.append(account_opened(account_id))
        assert set(await log.keys.get([account_id])) == {account_id}

    async def test_is_not_made_by_a_command_that_is_refused(self, log: EventLog) -> None:
        taken, other = account_opened(), uuid4()
        await log.append(taken)
        with pytest.raises(IntegrityError):
            await log.append([*account_opened(other), *taken])
        assert await log.keys.get([other]) == {}

    async def test_is_one_however_many_commands_need_it_first(self, pool: Pool) -> None:
        account_id = uuid4()
        logs = [log_of(pool) for _ in range(8)]
        events = [account_opened(account_id, name=f"Ann {place}")[0] for place in range(8)]
        moved = [_moved(event, uuid4()) for event in events]
        await asyncio.gather(*(log.append([event]) for log, event in zip(logs, moved, strict=True)))
        for event in moved:
            assert await log_of(pool).load(event.originator_id) == [event]

    async def test_that_was_never_seen_is_told_apart_from_a_destroyed_one(self, log: EventLog, database: str) -> None:
        [opened, _] = account_opened()
        await log.append([opened])
        with psycopg.connect(database) as connection:
            connection.execute(f"DELETE FROM {UTILITY_SCHEMA}.account_keys")
        with pytest.raises(AccountKeyMissing):
            await log.load(opened.originator_id)

    async def test_under_another_master_key_is_told_as_such(self, log: EventLog, pool: Pool) -> None:
        [opened, _] = account_opened()
        await log.append([opened])
        stranger = open_log(pool, UTILITY_SCHEMA, UtilitySecrets(bytes(32), "test"), os.urandom)
        with pytest.raises(WrongMasterKey):
            await stranger.load(opened.originator_id)

    async def test_may_be_kept_in_another_database(self, pool: Pool, database: str, empty_database: str) -> None:
        with psycopg.connect(empty_database) as connection:
            create_utility_schema(connection, UTILITY_SCHEMA)
        account_id = uuid4()
        async with make_pool(make_conninfo(empty_database)) as key_pool:
            log = log_of(pool, key_pool=key_pool)
            events = account_opened(account_id)
            await log.append(events, [AccountKeyCreated(account_id=account_id)])
            assert await log.load(account_id) == events
            with psycopg.connect(database) as connection:
                assert connection.execute(f"SELECT * FROM {UTILITY_SCHEMA}.account_keys").fetchall() == []
            await log.keys.destroy(account_id)
            [opened, _] = await log.load(account_id)
            assert isinstance(opened, AccountOpened) and opened.name == FORGOTTEN


def _moved(event: object, originator_id: UUID) -> AccountOpened:
    assert isinstance(event, AccountOpened)
    return msgspec.structs.replace(event, originator_id=originator_id)
