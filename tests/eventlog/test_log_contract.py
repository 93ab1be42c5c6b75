"""What every log promises to the commands: the real one, and the one in memory that the domain's tests stand on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from domain.account_events import AccountOpened
from domain.event import FORGOTTEN, Event
from domain.log import Log
from domain.records import (
    AccountKeyCreated,
    CredentialVersionSet,
    FeedAdvanced,
    NumberAlreadyTaken,
    NumberAssigned,
    NumberFound,
    NumberReleased,
    SecretDestroyed,
    SecretHeld,
)
from tests.domain.memory_log import MemoryLog
from tests.eventlog.scenes import NOON, account_opened, wallet_opened


@pytest.fixture(params=["real", "memory"])
def port(request: pytest.FixtureRequest) -> Log:
    """Each log in turn."""
    log: Log = MemoryLog() if request.param == "memory" else request.getfixturevalue("log")
    return log


def assigned(number: str = "0701") -> NumberAssigned:
    return NumberAssigned(kind="meter", number=number, account_id=uuid4(), meter_id=uuid4())


async def opened(port: Log) -> Sequence[Event]:
    """An account in the log, with its key."""
    events = account_opened()
    await port.append(events, [AccountKeyCreated(account_id=events[0].originator_id)])
    return events


class ALog:
    async def test_gives_a_stream_back_as_it_was_appended_and_from_any_version(self, port: Log) -> None:
        events = await opened(port)
        stream = events[0].originator_id
        assert list(await port.load(stream)) == list(events)
        assert list(await port.load(stream, after=1)) == list(events[1:])
        assert list(await port.load(uuid4())) == []

    async def test_gives_growing_positions_and_none_without_events(self, port: Log) -> None:
        positions = [await port.append(wallet_opened()) for _ in range(3)]
        assert positions == sorted(set(positions)) and positions[0] > 0
        assert await port.append([], [FeedAdvanced(feed="accounts", cursor="1")]) == 0

    async def test_refuses_a_version_that_is_taken_and_keeps_nothing_of_that_command(self, port: Log) -> None:
        taken, other, number = wallet_opened(), wallet_opened(), assigned()
        await port.append(taken)
        with pytest.raises(IntegrityError):
            await port.append([*other, *taken], [number, FeedAdvanced(feed="accounts", cursor="1")])
        assert list(await port.load(other[0].originator_id)) == []
        assert await port.find_number("meter", number.number) is None
        assert await port.feed_cursor("accounts") is None


class ANumber:
    async def test_leads_where_it_was_assigned_until_it_is_released(self, port: Log) -> None:
        number = assigned()
        await port.append(wallet_opened(), [number])
        expected = NumberFound(account_id=number.account_id, meter_id=number.meter_id)
        assert await port.find_number("meter", number.number) == expected
        assert await port.find_number("account", number.number) is None
        assert list(await port.find_former("meter", number.number)) == []
        await port.append([], [NumberReleased(kind="meter", number=number.number)])
        assert await port.find_number("meter", number.number) is None
        assert list(await port.find_former("meter", number.number)) == [number.account_id]

    async def test_that_leads_nowhere_has_an_account_to_be_loaded_in_its_place(self, port: Log) -> None:
        assert await port.decoy_account("99999999") is None
        made = set()
        for number in ("41000017", "41000029", "41000030"):
            given = NumberAssigned(kind="account", number=number, account_id=uuid4(), meter_id=None)
            await port.append(wallet_opened(), [given])
            made.add(given.account_id)
        for number in ("99999999", "00000000", "41000017"):
            decoy = await port.decoy_account(number)
            assert decoy in made and decoy == await port.decoy_account(number)

    async def test_that_is_taken_is_refused_with_its_events(self, port: Log) -> None:
        await port.append(wallet_opened(), [assigned()])
        refused = wallet_opened()
        with pytest.raises(NumberAlreadyTaken):
            await port.append(refused, [assigned()])
        assert list(await port.load(refused[0].originator_id)) == []

    async def test_moves_in_one_command(self, port: Log) -> None:
        first, second = assigned(), assigned()
        await port.append(wallet_opened(), [first])
        await port.append(wallet_opened(), [NumberReleased(kind="meter", number=first.number), second])
        found = await port.find_number("meter", second.number)
        assert found is not None and found.account_id == second.account_id


class ASecret:
    async def test_is_there_until_it_is_destroyed_or_expires(self, port: Log) -> None:
        account_id = (await opened(port))[0].originator_id

        def held(expires: bool) -> SecretHeld:
            end = NOON if expires else None
            return SecretHeld(secret_id=uuid4(), purpose="scratch-code", account_id=account_id, secret="AB12CD34", expires_at=end)

        lasting, expiring, destroyed = held(False), held(True), held(False)
        await port.append([], [lasting, expiring, destroyed])
        assert await port.secret(lasting.secret_id) == "AB12CD34"
        await port.sweep(NOON - timedelta(seconds=1))
        assert await port.secret(expiring.secret_id) == "AB12CD34"
        await port.sweep(NOON)
        await port.append([], [SecretDestroyed(secret_id=destroyed.secret_id)])
        secrets = [await port.secret(each.secret_id) for each in (lasting, expiring, destroyed)]
        assert secrets == ["AB12CD34", None, None]


class WhatIsLookedUp:
    async def test_is_the_feeds_last_cursor(self, port: Log) -> None:
        for cursor in ("1", "2"):
            await port.append([], [FeedAdvanced(feed="accounts", cursor=cursor)])
        assert (await port.feed_cursor("accounts"), await port.feed_cursor("meters")) == ("2", None)

    async def test_is_the_highest_credential_version(self, port: Log) -> None:
        account_id = uuid4()
        assert await port.credential_version(account_id) == 0
        for version in (1, 3, 2):
            await port.append([], [CredentialVersionSet(account_id=account_id, version=version)])
        assert await port.credential_version(account_id) == 3


class AForgottenPerson:
    async def test_leaves_the_history_without_what_was_personal(self, port: Log) -> None:
        kept, forgotten = await opened(port), await opened(port)
        await port.forget(forgotten[0].originator_id)
        event = (await port.load(forgotten[0].originator_id))[0]
        assert isinstance(event, AccountOpened) and event.name == event.address == FORGOTTEN
        assert event.wallet_id == forgotten[0].wallet_id  # type: ignore[attr-defined]
        assert list(await port.load(kept[0].originator_id)) == list(kept)
