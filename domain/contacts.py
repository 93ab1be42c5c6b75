"""The contacts of one account: how each came to it, and which of them go with which password issue."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec

from domain.account_events import ContactAdded, ContactConfirmed, ContactRemoved
from domain.contact import Contact, ContactChannel
from domain.credentials import Issue


class Contacts(dict[UUID, Contact]):
    """All of them, by their ids."""

    def registered(self, channel: ContactChannel | None = None) -> list[Contact]:
        """This will give those that Juice holds, of one channel or of all."""
        return [c for c in self.values() if c.standing == "registered" and channel in (None, c.channel)]

    def find(self, channel: ContactChannel, value: str) -> Contact | None:
        """This will give the contact that is reached there."""
        return next((c for c in self.values() if (c.channel, c.value) == (channel, value)), None)

    def added(self, event: ContactAdded) -> None:
        self[event.contact_id] = Contact(
            contact_id=event.contact_id,
            channel=event.channel,
            value=event.value,
            standing=event.standing,
            confirmed=event.standing == "registered",
            issue_id=event.issue_id,
        )

    def confirmed(self, event: ContactConfirmed) -> None:
        self[event.contact_id] = msgspec.structs.replace(self[event.contact_id], confirmed=True)

    def removed(self, event: ContactRemoved) -> None:
        self.pop(event.contact_id, None)


def goes_with(issue_id: UUID, issues: Iterable[Issue], contacts: Iterable[Contact]) -> tuple[list[UUID], list[UUID]]:
    """This will give the issues that are tied to one by secondary contacts they wrote to, and those contacts, in order."""
    contacts = list(contacts)
    secondary = [contact.contact_id for contact in contacts if contact.standing == "secondary"]
    recipients = {issue.issue_id: set(issue.recipients) for issue in issues if not issue.undone}
    tied, reached = {issue_id}, {contact.contact_id for contact in contacts if contact.issue_id == issue_id}
    while True:
        reached |= {id for each in tied for id in recipients[each] if id in secondary}
        more = {each for each, written_to in recipients.items() if written_to & reached} | tied
        if more == tied:
            return [each for each in recipients if each in tied], [id for id in secondary if id in reached]
        tied = more
