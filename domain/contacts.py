"""The contacts of one account: how each came to it, what became of those that left, and which go with which password issue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from domain.account_events import ContactAdded, ContactConfirmed, ContactRemoved
from domain.contact import Contact, ContactChannel, RemovalReason
from domain.contact_events import (
    ContactChangeAgreed,
    ContactChangeRequested,
    ContactChangeReverted,
    ContactRegistered,
    ContactRestored,
)
from domain.credentials import Issue


class Former(msgspec.Struct, frozen=True, kw_only=True):
    """A contact that was removed, and what an undo has to know: `told` is what Juice had told of its channel by then."""

    contact: Contact
    at: datetime
    reason: RemovalReason
    via_issue: UUID | None
    told: str | None


class Requested(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a registered contact that waits for a registered contact's word; without a `value` it is a removal."""

    contact_id: UUID
    new_contact_id: UUID
    value: str | None
    expires_at: datetime
    via_issue: UUID | None
    agreed: bool = False


class Contacts(dict[UUID, Contact]):
    """Those that it has, by their ids, and what must be remembered of the others."""

    def __init__(self) -> None:
        super().__init__()
        self.former: dict[UUID, Former] = {}
        self.given_at: dict[UUID, datetime] = {}
        """When the customer gave those that they gave themselves."""
        self.told: dict[ContactChannel, str] = {}
        """What Juice told last, of each channel."""
        self.requested: dict[UUID, Requested] = {}
        self.reverted: dict[UUID, datetime] = {}

    def registered(self, channel: ContactChannel | None = None) -> list[Contact]:
        """This will give those that prove whose account it is, of one channel or of all."""
        return [contact for contact in self.values() if contact.proves and channel in (None, contact.channel)]

    def find(self, channel: ContactChannel, value: str) -> Contact | None:
        """This will give the contact that is reached there."""
        return next((c for c in self.values() if (c.channel, c.value) == (channel, value)), None)

    def ever(self, contact_id: UUID) -> Contact | None:
        """This will give a contact that the account has or had; None once its person is forgotten."""
        former = self.former.get(contact_id)
        return self.get(contact_id) or (former.contact if former else None)

    def successors(self, contact_id: UUID) -> set[UUID]:
        """This will give those that came, or would come, in the place of a contact, one after another."""
        found = {contact_id}
        everything = [*self.values(), *(former.contact for former in self.former.values())]
        while more := {c.contact_id for c in everything if c.replaces in found} - found:
            found |= more
        return found - {contact_id}

    def forget(self) -> None:
        """This will forget them all."""
        for kept in (self, self.former, self.given_at, self.told, self.requested, self.reverted):
            kept.clear()

    # What the events make of it

    def added(self, event: ContactAdded) -> None:
        self[event.contact_id] = contact_of(event)
        if event.given == "in Juice":
            self.told[event.channel] = event.value
        if event.given == "by the customer":
            self.given_at[event.contact_id] = event.at

    def registered_in_juice(self, event: ContactRegistered) -> None:
        contact = self[event.contact_id] = as_registered(self[event.contact_id])
        self.told[contact.channel] = contact.value

    def confirmed(self, event: ContactConfirmed) -> None:
        self[event.contact_id] = msgspec.structs.replace(self[event.contact_id], confirmed=True)

    def removed(self, event: ContactRemoved) -> None:
        contact = self.pop(event.contact_id, None)
        if contact is not None:
            told = self.told.get(contact.channel)
            self.former[event.contact_id] = Former(
                contact=contact, at=event.at, reason=event.reason, via_issue=event.via_issue, told=told
            )

    def restored(self, event: ContactRestored) -> None:
        self.former.pop(event.contact_id, None)
        self[event.contact_id] = contact_of(event)

    def change_requested(self, event: ContactChangeRequested) -> None:
        self.requested[event.change_id] = Requested(
            contact_id=event.contact_id,
            new_contact_id=event.new_contact_id,
            value=event.value,
            expires_at=event.expires_at,
            via_issue=event.via_issue,
        )

    def change_agreed(self, event: ContactChangeAgreed) -> None:
        self.requested[event.change_id] = msgspec.structs.replace(self.requested[event.change_id], agreed=True)

    def change_reverted(self, event: ContactChangeReverted) -> None:
        self.reverted[event.contact_id] = event.at

    def issue_undone(self, issue_id: UUID) -> None:
        self.requested = {
            change_id: asked for change_id, asked in self.requested.items() if asked.agreed or asked.via_issue != issue_id
        }


def contact_of(event: ContactAdded | ContactRestored) -> Contact:
    """This will give the contact that an event brings. What Juice holds counts as confirmed."""
    return Contact(
        contact_id=event.contact_id,
        channel=event.channel,
        value=event.value,
        standing=event.standing,
        confirmed=event.confirmed if isinstance(event, ContactRestored) else event.given == "in Juice",
        issue_id=event.issue_id,
        replaces=event.replaces,
    )


def as_registered(contact: Contact) -> Contact:
    """This will give the contact as Juice holds it: of no issue any more."""
    return msgspec.structs.replace(contact, standing="registered", confirmed=True, issue_id=None, replaces=None)


def goes_with(issue_id: UUID, issues: Iterable[Issue], contacts: Iterable[Contact]) -> tuple[list[UUID], list[UUID]]:
    """This will give the issues that are tied to one by contacts they brought and wrote to, and those contacts, in order."""
    brought = [contact for contact in contacts if contact.issue_id is not None]
    secondary = {contact.contact_id for contact in brought if contact.standing == "secondary"}
    recipients = {issue.issue_id: set(issue.recipients) for issue in issues if not issue.undone}
    tied = {issue_id}
    while True:
        reached = {contact.contact_id for contact in brought if contact.issue_id in tied}
        reached |= {id for each in tied for id in recipients[each] & secondary}
        more = {each for each, written_to in recipients.items() if written_to & reached} | tied
        if more == tied:
            return [each for each in recipients if each in tied], [c.contact_id for c in brought if c.contact_id in reached]
        tied = more
