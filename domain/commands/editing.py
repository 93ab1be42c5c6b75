"""What customers change of their own account: contacts and language, in one transaction; and the links that go with it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec

from domain.account import Account
from domain.clock import Clock
from domain.commands.identity import IdentityCommands
from domain.contact import GivenContact
from domain.event import Context
from domain.log import Position


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different: contacts to add, to change (which, to what) and to remove, a language, the clock.

    What the clock mutes and is no contact any more is left out, and what takes a muted one's place is muted too.
    """

    add: tuple[GivenContact, ...] = ()
    change: tuple[tuple[UUID, GivenContact], ...] = ()
    remove: tuple[UUID, ...] = ()
    language: str | None = None
    clock: Clock | None = None


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """It is done, but for the contacts in `asked`: a registered contact has to agree to what is to become of those."""

    position: Position
    asked: tuple[UUID, ...] = ()


class EditingCommands(IdentityCommands):
    """Journey 8."""

    async def edit(
        self,
        context: Context,
        *,
        account_id: UUID,
        edit: Edit,
        via_issue: UUID | None,
        check: Callable[[Account], None] = lambda account: None,
    ) -> Edited:
        """This will change all of it or nothing; `via_issue` is that of the session. `check` may raise, given the account before.

        Raises NoSuchContact, ContactAlreadyThere, TooManyContacts, LastRegisteredContact, QuietHoursEmpty.
        """

        async def command() -> Edited:
            account = await self.account(account_id)
            check(account)
            asked = []
            for contact_id in edit.remove:
                if not account.remove_contact(context, contact_id, via_issue=via_issue, change_id=self.new_id(context)):
                    asked.append(contact_id)
            for contact_id, given in edit.change:
                change_id = self.new_id(context)
                if not account.change_contact(context, contact_id, given, via_issue=via_issue, change_id=change_id):
                    asked.append(contact_id)
            for given in edit.add:
                account.add_contact(context, given, via_issue=via_issue)
            if edit.language is not None:
                account.choose_language(context, edit.language, via_issue=via_issue)
            if edit.clock is not None:
                heirs = [given.contact_id for contact_id, given in edit.change if contact_id in edit.clock.muted]
                muted = tuple(id for id in (*edit.clock.muted, *heirs) if id in account.contacts)
                account.set_clock(context, msgspec.structs.replace(edit.clock, muted=muted), via_issue=via_issue)
            return Edited(position=await self.save(account), asked=tuple(asked))

        return await self.attempt(command)

    async def confirm_contact(self, context: Context, *, account_id: UUID, contact_id: UUID) -> Position:
        """This will mark a contact as confirmed. Raises LinkNoLongerValid where it was removed meanwhile."""

        async def command() -> Position:
            account = await self.account(account_id)
            account.confirm_contact(context, contact_id)
            return await self.save(account)

        return await self.attempt(command)

    async def agree_to_change(self, context: Context, *, account_id: UUID, change_id: UUID) -> Position:
        """This will do what a registered contact was asked to agree to.

        Raises LinkNoLongerValid, and what has come in between: ContactAlreadyThere, LastRegisteredContact.
        """

        async def command() -> Position:
            account = await self.account(account_id)
            account.agree_to_change(context, change_id)
            return await self.save(account)

        return await self.attempt(command)

    async def revert_change(self, context: Context, *, account_id: UUID, contact_id: UUID) -> Position:
        """This will take back what was changed of a contact, and end every session. Raises LinkNoLongerValid."""

        async def command() -> Position:
            account: Account = await self.account(account_id)
            account.revert_change(context, contact_id)
            return await self.save(account, records=[self.version_of(account)])

        return await self.attempt(command)
