"""What a customer is told of a purchase: its receipt, a doubt, and that nothing was charged."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.commands.feeds import MeterTold
from domain.event import Event
from domain.portal import Portal
from eventlog.follower import Recorded
from notifications.channels import Message
from notifications.letters import Letters
from notifications.outbox import Delivery, Outbox
from notifications.policy import Policy
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import NOON, context
from tests.projections.lives import JUICE, buy, buy_in_vain, told
from tests.web.scene import DESCRIPTION

SITE = "https://portal.example"


class World:
    """An account that bought power in every way, and all that it is told of that."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.portal: Portal = make_portal(self.log)

    async def lived(self) -> World:
        await self.portal.describe_utility(context(by="juice"), DESCRIPTION)
        await self.portal.learn_account(JUICE, told("1001"), currency="ZAR")
        meter = MeterTold(account_number="1001", number="071001", kind="STS", resource="electricity", unit="kWh", removed=False)
        await self.portal.learn_meter(JUICE, meter)
        self.bought = await buy(self.portal, "1001")
        await buy_in_vain(self.portal, "1001")
        return self

    async def told(self) -> list[tuple[Event, Message]]:
        """Every message of a purchase by e-mail to the registered address, with its cause."""
        found = []
        policy, letters = Policy(self.portal, Outbox("u_test")), Letters(self.portal, site=SITE)
        for place, event in enumerate(self.log.all, 1):
            for row in await policy._deliveries(Recorded(place, event)):
                if not row.kind.startswith("purchase-"):
                    continue
                fields = {name: getattr(row, name) for name in row.__dataclass_fields__}
                message = await letters.write(Delivery(**fields, delivery_id=UUID(int=place), attempts=1))
                if message.to == "holder1001@example.org":
                    found.append((event, message))
        return found


@pytest.fixture(name="told")
async def messages() -> list[tuple[Event, Message]]:
    return await (await World().lived()).told()


class ACustomer:
    async def test_is_told_once_of_each_turn_that_matters(self, told: list[tuple[Event, Message]]) -> None:
        causes = [event.TOPIC for event, _ in told]
        assert causes == ["purchase-doubted", "purchase-issued", "purchase-released", "purchase-found-issued"]

    async def test_gets_the_tokens_with_the_receipt_and_hears_that_the_doubt_is_over(
        self, told: list[tuple[Event, Message]]
    ) -> None:
        (_, receipt) = told[1]
        assert "1234 5678 9012 3456 7890" in receipt.text and "charged once, with ZAR 50.00" in receipt.text.replace("\xa0", " ")
        assert "counted once" in receipt.text and f"{SITE}/purchases/" in receipt.text

    async def test_in_doubt_hears_that_nothing_is_charged_yet(self, told: list[tuple[Event, Message]]) -> None:
        (_, doubt) = told[0]
        said = " ".join(doubt.text.split())
        assert "Your card is not charged yet" in said and "do not buy it a second time" in said

    async def test_whose_money_was_let_go_hears_that_nothing_was_charged(self, told: list[tuple[Event, Message]]) -> None:
        (_, released) = told[2]
        assert "Your card was not charged" in released.text and released.at == NOON

    async def test_without_a_confirmed_contact_is_told_nothing_there(self) -> None:
        world = await World().lived()
        policy = Policy(world.portal, Outbox("u_test"))
        account = await world.portal.account((await world.portal.find("1001")).account_id)
        confirmed = {contact.contact_id for contact in account.contacts.values() if contact.confirmed}
        rows = [row for place, event in enumerate(world.log.all) for row in await policy._deliveries(Recorded(place, event))]
        assert {row.contact_id for row in rows if row.kind.startswith("purchase-")} == confirmed
