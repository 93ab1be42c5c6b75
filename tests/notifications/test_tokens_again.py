"""Tokens that a customer asked for once more: one message, to the contact that was chosen, written from the log."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from domain.commands.feeds import AccountTold, MeterTold
from domain.portal import Portal
from domain.token_shelf_events import TokensResendRequested
from eventlog.follower import Recorded
from notifications.delivery import NothingToSay
from notifications.letters import Letters
from notifications.outbox import Delivery, NewDelivery
from notifications.policy import Policy
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import context
from tests.projections.lives import receipt
from tests.web.scene import DESCRIPTION

JUICE = context(by="juice")
TOLD = AccountTold(number="1", name="Pat", address="1 Road", language="en", email="pat@home.example", phone="+27821234567")


@pytest.fixture
async def portal() -> Portal:
    portal = make_portal(MemoryLog())
    await portal.describe_utility(JUICE, DESCRIPTION)
    await portal.learn_account(JUICE, TOLD, currency="ZAR")
    meter = MeterTold(account_number="1", number="0701", kind="STS", resource="electricity", unit="kWh", removed=False)
    await portal.learn_meter(JUICE, meter)
    meter_id = (await portal.find("0701")).meter_id
    bought = [("Cash", receipt(f"T{n}", meter_id=meter_id)) for n in range(3)]
    await portal.learn_transactions(JUICE, account_number="1", transactions=bought)
    return portal


async def asked(portal: Portal, juice_number: str, channel: str = "email") -> list[NewDelivery]:
    """The deliveries that asking makes."""
    account = await portal.account((await portal.find("1")).account_id)
    contact = next(each for each in account.contacts.values() if each.channel == channel)
    ids: dict[str, Any] = {"account_id": account.id, "contact_id": contact.contact_id}
    position = await portal.request_tokens_again(context(), **ids, juice_number=juice_number)
    event = [each for each in portal.event_log.all if isinstance(each, TokensResendRequested)][-1]  # type: ignore[attr-defined]
    kept: list[NewDelivery] = []

    async def enqueue(cursor: Any, rows: list[NewDelivery]) -> None:
        kept.extend(rows)

    outbox: Any = SimpleNamespace(enqueue=enqueue)
    cursor: Any = None
    await Policy(portal, outbox).follow(cursor, [Recorded(position, event)])
    return kept


def delivery(made: NewDelivery) -> Delivery:
    return Delivery(
        delivery_id=UUID(int=8),
        position=made.position,
        account_id=made.account_id,
        contact_id=made.contact_id,
        channel=made.channel,
        kind=made.kind,
        parameters=made.parameters,
        secret_id=None,
        created_at=made.created_at,
        attempts=1,
    )


class Tokens:
    @pytest.mark.parametrize(("channel", "to"), [("email", TOLD.email), ("sms", TOLD.phone)])
    async def test_go_to_the_chosen_contact_alone(self, portal: Portal, channel: str, to: str) -> None:
        (made,) = await asked(portal, "T1", channel)
        letter = await Letters(portal, site="https://portal.example").write(delivery(made))
        assert letter.to == to and "1234 5678 9012 3456 7890" in letter.text and "0701" in letter.text
        assert channel == "sms" or ("T1" in letter.text and "https://portal.example/tokens" in letter.text)

    async def test_are_named_in_the_outbox_by_the_event_alone(self, portal: Portal) -> None:
        (made,) = await asked(portal, "unheard of")
        assert set(made.parameters) == {"version", "at"} and "unheard" not in str(made.parameters)

    async def test_of_a_transaction_that_has_none_are_not_written(self, portal: Portal) -> None:
        (made,) = await asked(portal, "unheard of")
        with pytest.raises(NothingToSay):
            await Letters(portal, site="https://portal.example").write(delivery(made))
