"""What is told of service requests: to whom, and in whose words."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from domain.commands.feeds import AccountTold
from domain.commands.tickets import DamagedCard
from domain.damaged_cards import CardTold
from domain.portal import Portal
from domain.ticket_events import About
from eventlog.follower import Recorded
from notifications.channels import Message
from notifications.letters import Letters
from notifications.outbox import Delivery, NewDelivery
from notifications.policy import Policy
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import NOON, context
from tests.web.scene import DESCRIPTION

TOLD = AccountTold(number="1", name="Pat", address="1 Road", language="en", email="pat@home.example", phone="+27821234567")
ANN, PAT, SEED = context(by="staff:ann"), context(by="customer"), context(by="system:vendor")
DOUBT: dict[str, Any] = {"cause": "purchase-in-doubt", "about": About(kind="purchase", id=UUID(int=5))}


class Household:
    """An account with two registered contacts and one that is not confirmed, and what is told to them."""

    def __init__(self, portal: Portal, account_id: UUID) -> None:
        self.portal, self.account_id = portal, account_id

    @classmethod
    async def made(cls) -> Household:
        portal = make_portal(MemoryLog())
        await portal.describe_utility(context(by="juice"), DESCRIPTION)
        await portal.learn_account(context(by="juice"), TOLD, currency="ZAR")
        account_id = (await portal.find("1")).account_id
        await portal.confirm_identity(
            context(), account_id=account_id, email="stranger@else.example", phone="+27827654321", address="1 Road"
        )
        return cls(portal, account_id)

    async def asks(self, by: Any = PAT) -> str:
        written = await self.portal.open_ticket(
            by, account_id=self.account_id, topic="meter", subject="SUBJECT\r\nBcc: x", text="TEXT <b>"
        )
        return written.reference

    async def is_told(self) -> list[Message]:
        """The messages that the last event gives rise to."""
        events = self.portal.event_log.all  # type: ignore[attr-defined]
        kept: list[NewDelivery] = []

        async def enqueue(cursor: Any, rows: list[NewDelivery]) -> None:
            kept.extend(rows)

        outbox: Any = SimpleNamespace(enqueue=enqueue)
        cursor: Any = None
        await Policy(self.portal, outbox).follow(cursor, [Recorded(len(events), events[-1])])
        assert all(set(row.parameters) in ({"ticket_id", "version", "at"}, {"share_id", "version", "at"}) for row in kept)
        return [await Letters(self.portal, site="https://portal.example").write(_claimed(row)) for row in kept]


def _claimed(row: NewDelivery) -> Delivery:
    return Delivery(
        delivery_id=UUID(int=8),
        position=row.position,
        account_id=row.account_id,
        contact_id=row.contact_id,
        channel=row.channel,
        kind=row.kind,
        parameters=row.parameters,
        created_at=row.created_at,
        attempts=1,
    )


@pytest.fixture
async def household() -> Household:
    return await Household.made()


class AReceipt:
    @pytest.mark.parametrize(
        ("by", "said"),
        [(PAT, "We have the request that you sent"), (ANN, "our staff opened a request for you")],
        ids=["by the customer", "by staff"],
    )
    async def test_goes_to_confirmed_contacts_and_repeats_nothing_that_was_typed(
        self, household: Household, by: Any, said: str
    ) -> None:
        reference = await household.asks(by)
        mail, sms = await household.is_told()
        assert (mail.to, sms.to) == (TOLD.email, TOLD.phone)
        assert reference in mail.subject and said in " ".join(mail.text.split())
        for text in (mail.text, sms.text):
            assert f"https://portal.example/requests/{reference}" in text and reference in text
        assert "SUBJECT" not in str([mail.subject, mail.text, mail.html, sms.text]) and "TEXT" not in str([mail.text, mail.html])

    async def test_says_that_seed_asked_where_it_did(self, household: Household) -> None:
        await household.portal.open_ticket_by_system(
            SEED, account_id=household.account_id, topic="payment", subject="In doubt", text="No answer came.", **DOUBT
        )
        mail, _ = await household.is_told()
        assert "our system opened a request for you" in " ".join(mail.text.split())


class AnAnswer:
    async def test_is_told_in_the_utilitys_words(self, household: Household) -> None:
        reference = await household.asks()
        await household.portal.comment_ticket(ANN, reference=reference, text="We come at <four>.\nBe at home.")
        mail, sms = await household.is_told()
        assert "> We come at <four>.\n> Be at home." in mail.text and mail.html is not None
        assert "We come at &lt;four&gt;.<br>" in mail.html and '"We come at <four>. Be at home."' in sms.text
        assert "ann" not in mail.text.replace("channel", "")

    async def test_is_the_utilitys_alone(self, household: Household) -> None:
        reference = await household.asks()
        await household.portal.comment_ticket(PAT, reference=reference, text="Hello?")
        assert await household.is_told() == []


class AClosing:
    async def test_is_told_with_the_last_comment_and_how_to_go_on(self, household: Household) -> None:
        reference = await household.asks()
        await household.portal.close_ticket(ANN, reference=reference, comment="The fuse was changed.")
        mail, sms = await household.is_told()
        assert f"{reference} to {DESCRIPTION.name} is closed" in mail.subject and "> The fuse was changed." in mail.text
        assert "Open it again, until Wednesday 1 April, 14:00" in " ".join(mail.text.split())
        assert "The fuse was changed." in sms.text and "1 Apr" in sms.text

    async def test_repeats_the_last_answer_where_nothing_was_added(self, household: Household) -> None:
        reference = await household.asks()
        await household.portal.comment_ticket(ANN, reference=reference, text="It was the fuse.")
        await household.portal.comment_ticket(PAT, reference=reference, text="Thank you!")
        await household.portal.close_ticket(ANN, reference=reference)
        mail, _ = await household.is_told()
        assert "> It was the fuse." in mail.text and "Thank you!" not in mail.text

    async def test_says_what_was_done_about_a_damaged_card(self, household: Household) -> None:
        written = await household.portal.open_ticket(
            PAT,
            account_id=household.account_id,
            topic="card",
            subject="A card",
            text="It was washed.",
            card=DamagedCard(serial="7100000101", damage="code-gone"),
        )
        await household.portal.note_damaged_card(ANN, reference=written.reference, told=CardTold(standing="activated"))
        closing = {"comment": "It is at our office.", "outcome": "replaced"}
        await household.portal.close_ticket(ANN, reference=written.reference, **closing)  # type: ignore[arg-type]
        mail, sms = await household.is_told()
        assert "You get another card in its place." in mail.text and "> It is at our office." in mail.text
        assert "You get another card in its place. It is at our office." in sms.text
        assert "7100000101" not in mail.text + sms.text

    async def test_is_told_as_it_was_whatever_was_said_since(self, household: Household) -> None:
        reference = await household.asks()
        await household.portal.close_ticket(ANN, reference=reference, comment="First.")
        events = list(household.portal.event_log.all)  # type: ignore[attr-defined]
        later = context(by="staff:ann", at=NOON + timedelta(days=1))
        await household.portal.reopen_ticket(later, reference=reference, text="Second.")
        household.portal.event_log.all[:] = events  # type: ignore[attr-defined]
        mail, _ = await household.is_told()
        assert "> First." in mail.text and "Second." not in mail.text

    async def test_of_what_seed_opened_is_told_too(self, household: Household) -> None:
        await household.portal.open_ticket_by_system(
            SEED, account_id=household.account_id, topic="payment", subject="In doubt", text="No answer came.", **DOUBT
        )
        await household.portal.close_ticket_by_system(SEED, comment="It went through, once.", **DOUBT)
        mail, sms = await household.is_told()
        assert "> It went through, once." in mail.text and "It went through, once." in sms.text


class AReopening:
    async def test_is_told_to_nobody(self, household: Household) -> None:
        reference = await household.asks()
        await household.portal.close_ticket(ANN, reference=reference, comment="Done.")
        await household.portal.reopen_ticket(PAT, reference=reference, text="Not at all.")
        assert await household.is_told() == []
