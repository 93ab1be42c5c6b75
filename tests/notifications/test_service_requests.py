"""Requests that Seed opens and closes itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from domain.commands.feeds import MeterTold
from domain.difference import Finding
from domain.ticket_events import TicketClosed, TicketOpened
from eventlog.follower import Recorded
from notifications.service_requests import BOOKS_AGREE, BOOKS_CHANGED, BOOKS_SETTLED, CARD_REDEEMED, POWER_ISSUED, ServiceRequests
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import NOON, context, nothing_begun
from tests.projections.lives import JUICE, VENDOR, buy, receipt, sent, told


class World:
    """An account whose outcomes are in doubt for a while, and who follows that."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.portal = make_portal(self.log)

    async def opened(self) -> World:
        await self.portal.learn_account(JUICE, told("1001"), currency="ZAR")
        meter = MeterTold(account_number="1001", number="071001", kind="STS", resource="electricity", unit="kWh", removed=False)
        await self.portal.learn_meter(JUICE, meter)
        return self

    async def follow(self) -> None:
        requests: Any = ServiceRequests(self.portal)
        await requests.follow(None, [Recorded(place, event) for place, event in enumerate(list(self.log.all), 1)])

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.log.all if isinstance(event, kind)]


@pytest.fixture
async def world() -> World:
    return await World().opened()


class ADifferenceBetweenTheBooks:
    async def found(self, world: World, told: int = 0) -> UUID:
        account = await world.portal.find("1001")
        finding = Finding(
            kind="issued-without-charge",
            subject="M1",
            account_id=account.account_id,
            about=None,
            recorded=5000,
            currency="ZAR",
            told=told,
            told_currency="ZAR",
        )
        await world.portal.find_difference(VENDOR, day=NOON.date(), finding=finding)
        return world.portal.difference_id(finding)

    async def test_opens_one_request_and_closes_it_when_it_is_settled(self, world: World) -> None:
        difference_id = await self.found(world)
        for _ in range(2):
            await world.follow()
        (asked,) = world.of(TicketOpened)
        assert (asked.about.kind, asked.about.id, asked.topic) == ("difference", difference_id, "payment")
        await world.portal.settle_difference(context(by="staff:ann"), difference_id=difference_id, how="charged", case=None)
        for _ in range(2):
            await world.follow()
        (closed,) = world.of(TicketClosed)
        assert closed.comment == BOOKS_SETTLED

    async def test_that_comes_back_asks_anew(self, world: World) -> None:
        difference_id = await self.found(world)
        await world.portal.difference_vanished(VENDOR, difference_id=difference_id)
        await self.found(world)
        await self.found(world, told=1000)
        for _ in range(2):
            await world.follow()
        assert (len(world.of(TicketOpened)), len(world.of(TicketClosed))) == (3, 2)
        assert {closed.comment for closed in world.of(TicketClosed)} == {BOOKS_AGREE, BOOKS_CHANGED}

    async def test_of_nobodys_payment_asks_nobody(self, world: World) -> None:
        finding = Finding(
            kind="hold-left-open",
            subject="pi_1",
            account_id=None,
            about=None,
            recorded=0,
            currency="ZAR",
            told=5000,
            told_currency="ZAR",
        )
        await world.portal.find_difference(VENDOR, day=NOON.date(), finding=finding)
        await world.portal.difference_vanished(VENDOR, difference_id=world.portal.difference_id(finding))
        await world.follow()
        assert not world.of(TicketOpened)


class ADoubtThatLasts:
    async def test_opens_one_request_for_the_customer_and_closes_it_with_the_outcome(self, world: World) -> None:
        await buy(world.portal, "1001")
        for _ in range(3):
            await world.follow()
        ((asked,), (closed,)) = world.of(TicketOpened), world.of(TicketClosed)
        assert (asked.cause, asked.about.kind, closed.comment) == ("purchase-in-doubt", "purchase", POWER_ISSUED)
        assert asked.account_id == (await world.portal.find("1001")).account_id

    async def test_about_a_juice_card_too(self, world: World) -> None:
        ids = await sent(world.portal, "1001", "S1")
        await world.portal.doubt_redemption(VENDOR, **ids, reason="JuiceSilent")
        await world.follow()
        assert not world.of(TicketOpened)
        await world.portal.flag_redemption(VENDOR, **ids)
        await world.follow()
        assert len(world.of(TicketOpened)) == 1 and not world.of(TicketClosed)
        await world.portal.settle_redemption(VENDOR, **ids, receipt=receipt("J1"))
        await world.follow()
        (closed,) = world.of(TicketClosed)
        assert closed.comment == CARD_REDEEMED

    async def test_of_somebody_forgotten_meanwhile_stops_nobody(self, world: World) -> None:
        ids = await sent(world.portal, "1001", "S1")
        await world.portal.doubt_redemption(VENDOR, **ids, reason="JuiceSilent")
        await world.portal.flag_redemption(VENDOR, **ids)
        account_id = (await world.portal.find("1001")).account_id
        await world.portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=nothing_begun)
        await world.follow()
        assert not world.of(TicketOpened)
