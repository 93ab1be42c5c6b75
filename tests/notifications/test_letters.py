"""What is written to whom, from the state of things at the moment of sending."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from domain.account import Account
from domain.account_events import PasswordIssued
from domain.commands.feeds import AccountTold
from domain.contact import Contact
from domain.portal import Portal
from notifications.channels import Message
from notifications.delivery import NothingToSay
from notifications.letters import Letters
from notifications.messages.contents import ContactConfirmed, PasswordToGiven, PasswordToRegistered
from notifications.outbox import Delivery
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import NOON, context
from tests.web.scene import DESCRIPTION

SITE = "https://portal.example"
TOLD = AccountTold(number="1", name="Pat", address="1 Road", language="en", email="pat@home.example", phone=None)
NAME = f" {DESCRIPTION.name.replace(' ', chr(10))}"


class World:
    """An account that a password was issued for, to a stranger's contacts too."""

    def __init__(self, portal: Portal, log: MemoryLog) -> None:
        self.portal, self.log = portal, log

    @classmethod
    async def made(cls) -> World:
        log = MemoryLog()
        portal = make_portal(log)
        await portal.describe_utility(context(by="juice"), msgspec.structs.replace(DESCRIPTION, name=NAME))
        await portal.learn_account(context(by="juice"), TOLD, currency="ZAR")
        account_id = (await portal.find("1")).account_id
        await portal.confirm_identity(
            context(), account_id=account_id, email="stranger@else.example", phone="+27821234567", address="1 Road"
        )
        return cls(portal, log)

    async def account(self) -> Account:
        return await self.portal.account((await self.portal.find("1")).account_id)

    @property
    def issued(self) -> PasswordIssued:
        return [event for event in self.log.all if isinstance(event, PasswordIssued)][-1]

    async def password(self) -> str:
        secret = await self.log.secret(self.issued.secret_id) if self.issued.secret_id else None
        assert secret is not None
        return secret

    async def registered(self) -> Contact:
        return (await self.account()).registered("email")[0]

    async def given(self) -> Contact:
        return next(c for c in (await self.account()).contacts.values() if c.value == "stranger@else.example")

    async def write(self, kind: str, contact: Contact) -> Message:
        delivery = Delivery(
            delivery_id=UUID(int=8),
            position=1,
            account_id=self.issued.originator_id,
            contact_id=contact.contact_id,
            channel="email",
            kind=kind,
            parameters={"at": NOON.isoformat(), "issue_id": str(self.issued.issue_id)},
            secret_id=self.issued.secret_id,
            created_at=NOON,
            attempts=1,
        )
        return await Letters(self.portal, site=SITE).write(delivery)


@pytest.fixture
async def world() -> World:
    return await World.made()


class ALetter:
    async def test_comes_from_the_utility_by_its_name(self, world: World) -> None:
        letter = await world.write(ContactConfirmed.KIND, await world.registered())
        assert (letter.sender, letter.to) == (DESCRIPTION.name, "pat@home.example")


class APasswordsCopies:
    async def test_hold_the_password_and_each_its_own_link(self, world: World) -> None:
        given = await world.write(PasswordToGiven.KIND, await world.given())
        registered = await world.write(PasswordToRegistered.KIND, await world.registered())
        for copy in (given, registered):
            assert await world.password() in copy.text
        assert f"{SITE}/confirm/" in given.text and f"{SITE}/undo/" not in given.text
        assert f"{SITE}/undo/" in registered.text and f"{SITE}/confirm/" not in registered.text

    async def test_reach_the_owner_also_where_a_stranger_was_faster_and_chose_a_password(self, world: World) -> None:
        password = await world.password()
        await world.portal.choose_password(
            context(), account_id=world.issued.originator_id, current=password, chosen="a stranger's choice", via_issue=None
        )
        with pytest.raises(NothingToSay):
            await world.write(PasswordToGiven.KIND, await world.given())
        letter = await world.write(PasswordToRegistered.KIND, await world.registered())
        assert f"{SITE}/undo/" in letter.text and password not in letter.text

    async def test_are_not_sent_once_the_owner_has_undone_it(self, world: World) -> None:
        contact = await world.registered()
        await world.portal.undo_issue(context(), account_id=world.issued.originator_id, issue_id=world.issued.issue_id)
        with pytest.raises(NothingToSay):
            await world.write(PasswordToRegistered.KIND, contact)
