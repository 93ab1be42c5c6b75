from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from domain import references
from domain.commands.feeds import AccountTold
from domain.commands.tickets import TicketWritten, UnknownTicket
from domain.portal import Portal
from domain.ticket import NothingWritten, TicketIsClosed
from domain.ticket_events import About, TicketOpened
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import context, nothing_begun

PAT, ANN, SEED = context(by="customer"), context(by="staff:ann"), context(by="system:vendor")
ASKED: dict[str, Any] = {"topic": "question", "subject": "A question", "text": "How?"}
DOUBT: dict[str, Any] = {"cause": "purchase-in-doubt", "about": About(kind="purchase", id=UUID(int=5))}
IN_DOUBT: dict[str, Any] = DOUBT | {"topic": "payment", "subject": "We ask for you", "text": "No answer came back."}


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def portal(log: MemoryLog) -> Portal:
    return make_portal(log)


async def account(portal: Portal, number: str = "1") -> UUID:
    told = AccountTold(number=number, name="Pat", address="1 Road", language="en", email="pat@home.example", phone=None)
    await portal.learn_account(context(by="juice"), told, currency="ZAR")
    return (await portal.find(number)).account_id


async def asked(portal: Portal, account_id: UUID) -> TicketWritten:
    return await portal.open_ticket(PAT, account_id=account_id, **ASKED)


class AReference:
    async def test_leads_to_its_request_and_can_be_read_out(self, portal):
        account_id = await account(portal)
        written = await asked(portal, account_id)
        assert references.read(written.reference.lower().replace("-", " . ")) == written.reference
        assert (await portal.ticket(written.reference, account_id)).reference == written.reference

    async def test_is_no_other_requests(self, portal, monkeypatch):
        account_id = await account(portal)
        taken = (await asked(portal, account_id)).reference
        drawn = iter([bytes(16), bytes(16), b"\x01" * 16])
        monkeypatch.setattr(portal, "randomness", lambda size: next(drawn))
        first, second = (await asked(portal, account_id)).reference, (await asked(portal, account_id)).reference
        assert len({taken, first, second}) == 3

    def test_is_said_without_characters_that_are_mistaken(self):
        assert not set("0O1IL2Z5S8BAEU") & set(references.ALPHABET)
        assert all(references.read(text) is None for text in ("", "K7RT", "K7RT-94P0", "K7RT-94PQR", "ﬁ7RT-94PQ"))


class ARequest:
    async def test_is_nobody_elses(self, portal):
        mine, other = await account(portal, "1"), await account(portal, "2")
        reference = (await asked(portal, mine)).reference
        for command in (
            portal.ticket(reference, other),
            portal.comment_ticket(PAT, reference=reference, text="Mine?", of_account=other),
            portal.reopen_ticket(PAT, reference=reference, of_account=other),
        ):
            with pytest.raises(UnknownTicket):
                await command

    async def test_is_the_utilitys_to_answer_and_close(self, portal):
        account_id = await account(portal)
        reference = (await asked(portal, account_id)).reference
        await portal.comment_ticket(ANN, reference=reference, text="Like this.")
        await portal.close_ticket(ANN, reference=reference)
        with pytest.raises(TicketIsClosed):
            await portal.comment_ticket(PAT, reference=reference, text="Thanks", of_account=account_id)
        await portal.reopen_ticket(PAT, reference=reference, of_account=account_id)
        assert (await portal.ticket(reference)).closed_at is None

    async def test_leaves_nothing_where_it_is_refused(self, portal, log):
        account_id = await account(portal)
        before = len(log.all)
        with pytest.raises(NothingWritten):
            await portal.open_ticket(PAT, account_id=account_id, **ASKED | {"text": " "})
        assert len(log.all) == before

    async def test_cannot_be_written_to_once_its_person_is_forgotten(self, portal):
        account_id = await account(portal)
        reference = (await asked(portal, account_id)).reference
        await portal.open_ticket_by_system(SEED, account_id=account_id, **IN_DOUBT)
        await portal.forget_person(ANN, account_id=account_id, begun=nothing_begun)
        for command in (
            portal.ticket(reference),
            portal.close_ticket(ANN, reference=reference, comment="Gone"),
            portal.open_ticket(ANN, account_id=account_id, **ASKED),
            portal.open_ticket_by_system(SEED, account_id=account_id, **IN_DOUBT),
        ):
            with pytest.raises(UnknownTicket):
                await command
        assert await portal.close_ticket_by_system(SEED, **DOUBT, comment="It went through.") == 0


class ARequestThatSeedOpens:
    async def test_is_opened_once_for_each_cause(self, portal, log):
        account_id = await account(portal)
        first = await portal.open_ticket_by_system(SEED, account_id=account_id, **IN_DOUBT)
        again = await portal.open_ticket_by_system(SEED, account_id=account_id, **IN_DOUBT)
        other = IN_DOUBT | {"about": About(kind="redemption", id=UUID(int=5))}
        assert first.position and again == TicketWritten(reference=first.reference, position=0)
        assert (await portal.open_ticket_by_system(SEED, account_id=account_id, **other)).reference != first.reference
        assert sum(isinstance(event, TicketOpened) for event in log.all) == 2

    async def test_takes_another_reference_where_somebody_has_its_own(self, portal, monkeypatch):
        account_id = await account(portal)
        made = iter(["CCCC-CCCC", "CCCC-CCCC", "DDDD-DDDD"])
        monkeypatch.setattr(references, "make", lambda entropy: next(made))
        await asked(portal, account_id)
        assert (await portal.open_ticket_by_system(SEED, account_id=account_id, **IN_DOUBT)).reference == "DDDD-DDDD"

    async def test_is_closed_by_itself_unless_staff_was_faster(self, portal):
        account_id = await account(portal)
        assert await portal.close_ticket_by_system(SEED, **DOUBT, comment="It went through.") == 0
        written = await portal.open_ticket_by_system(SEED, account_id=account_id, **IN_DOUBT)
        assert await portal.close_ticket_by_system(SEED, **DOUBT, comment="It went through.")
        assert (await portal.ticket(written.reference, account_id)).closed_at is not None
        assert await portal.close_ticket_by_system(SEED, **DOUBT, comment="It went through.") == 0
