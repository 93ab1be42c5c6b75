"""What happens to an account's contacts beside coming and going (`account_events`): all that makes changes safe to make."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domain.contact import ContactChannel, Standing
from domain.event import Event


class ContactRegistered(Event, frozen=True, kw_only=True):
    """Juice holds a contact that the account had already: from now on it is the registered one."""

    TOPIC = "contact-registered"

    contact_id: UUID


class ContactChangeRequested(Event, frozen=True, kw_only=True):
    """The customer would change or remove a registered contact, soon after a password was issued: the registered ones are asked.

    Without a `value` the contact is to be removed.
    """

    TOPIC = "contact-change-requested"
    PERSONAL = ("value",)

    change_id: UUID
    contact_id: UUID
    new_contact_id: UUID
    value: str | None
    expires_at: datetime
    via_issue: UUID | None


class ContactChangeAgreed(Event, frozen=True, kw_only=True):
    """A registered contact's link was used to agree to a change; what it changes follows."""

    TOPIC = "contact-change-agreed"

    change_id: UUID


class ContactRestored(Event, frozen=True, kw_only=True):
    """A contact that was removed is back as it was, since its removal was undone."""

    TOPIC = "contact-restored"
    PERSONAL = ("value",)

    contact_id: UUID
    channel: ContactChannel
    value: str
    standing: Standing
    confirmed: bool
    issue_id: UUID | None
    replaces: UUID | None


class ContactChangeReverted(Event, frozen=True, kw_only=True):
    """A registered contact's link was used to take back what was changed of `contact_id`; every session ends."""

    TOPIC = "contact-change-reverted"

    contact_id: UUID
    credential_version: int
