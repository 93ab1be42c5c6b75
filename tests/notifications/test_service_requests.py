"""Requests that Seed opens and closes itself."""

from __future__ import annotations

from typing import Any

import pytest

from domain.commands.feeds import MeterTold
from domain.ticket_events import TicketClosed, TicketOpened
from eventlog.follower import Recorded
from notifications.service_requests import CARD_REDEEMED, POWER_ISSUED, ServiceRequests
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import context, nothing_begun
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
