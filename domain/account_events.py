"""What happens to an account. Whatever says who the person is, is sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from domain.contact import ContactChannel, RemovalReason, Standing
from domain.event import Event
from domain.meter import MeterKind, Resource


class AccountOpened(Event, frozen=True, kw_only=True):
    """An account arrived from Juice's feed."""

    TOPIC = "account-opened"
    PERSONAL = ("number", "name", "address")

    number: str
    name: str
    address: str
    language: str
    wallet_id: UUID


class AccountDetailsChanged(Event, frozen=True, kw_only=True):
    """Juice tells something new of the account's owner."""

    TOPIC = "account-details-changed"
    PERSONAL = ("name", "address")

    name: str
    address: str
    language: str


class MeterInstalled(Event, frozen=True, kw_only=True):
    """The account has this meter."""

    TOPIC = "meter-installed"
    PERSONAL = ("number",)

    meter_id: UUID
    number: str
    kind: MeterKind
    resource: Resource
    unit: str


class MeterRemoved(Event, frozen=True, kw_only=True):
    """The account no longer has this meter."""

    TOPIC = "meter-removed"

    meter_id: UUID


class ContactAdded(Event, frozen=True, kw_only=True):
    """The account can be reached here as well."""

    TOPIC = "contact-added"
    SCHEMA = 2
    PERSONAL = ("value",)

    contact_id: UUID
    channel: ContactChannel
    value: str
    standing: Standing
    issue_id: UUID | None
    replaces: UUID | None
    given: Literal["in Juice", "for a password", "by the customer"]

    @staticmethod
    def upcast_1(members: dict[str, Any]) -> dict[str, Any]:
        """This will say where the contact came from, which its standing told before customers changed their contacts."""
        given = "in Juice" if members["standing"] == "registered" else "for a password"
        return {**members, "replaces": None, "given": given}


class ContactConfirmed(Event, frozen=True, kw_only=True):
    """Whoever reads this contact used its confirmation link."""

    TOPIC = "contact-confirmed"

    contact_id: UUID


class ContactRemoved(Event, frozen=True, kw_only=True):
    """The account is no longer reached here."""

    TOPIC = "contact-removed"
    SCHEMA = 2

    contact_id: UUID
    reason: RemovalReason
    via_issue: UUID | None

    @staticmethod
    def upcast_1(members: dict[str, Any]) -> dict[str, Any]:
        """This will name no issue: no customer removed a contact then."""
        return {**members, "via_issue": None}


class AddressMispicked(Event, frozen=True, kw_only=True):
    """Somebody who knew the number picked a wrong address."""

    TOPIC = "address-mispicked"


class ContinuationOffered(Event, frozen=True, kw_only=True):
    """A link goes to the registered contacts; it proves who somebody is where the address no longer suffices."""

    TOPIC = "continuation-offered"

    offer_id: UUID
    expires_at: datetime


class PasswordIssued(Event, frozen=True, kw_only=True):
    """The system made a password. Its keyed hash is sealed; the password itself is in transit under `secret_id`."""

    TOPIC = "password-issued"
    PERSONAL = ("verifier",)

    issue_id: UUID
    verifier: str
    secret_id: UUID | None
    recipients: tuple[UUID, ...]
    expires_at: datetime
    reason: Literal["account opened", "identity confirmed"]
    offer_id: UUID | None


class IssuedPasswordUsed(Event, frozen=True, kw_only=True):
    """Somebody logged in with the issued password for the first time."""

    TOPIC = "issued-password-used"

    issue_id: UUID


class PasswordChosen(Event, frozen=True, kw_only=True):
    """The owner chose a password; issued ones and other sessions end."""

    TOPIC = "password-chosen"
    PERSONAL = ("slow_hash",)

    slow_hash: str
    via_issue: UUID | None
    credential_version: int


class PasswordRehashed(Event, frozen=True, kw_only=True):
    """The owner's password, given at a log-in, is kept under today's parameters of hashing; it is the same password."""

    TOPIC = "password-rehashed"
    PERSONAL = ("slow_hash",)

    slow_hash: str


class PasswordIssueUndone(Event, frozen=True, kw_only=True):
    """A registered contact took a password issue back: its password, its sessions, and what was changed from them."""

    TOPIC = "password-issue-undone"

    issue_id: UUID
    credential_version: int


class PersonForgotten(Event, frozen=True, kw_only=True):
    """The account's key is destroyed: its personal data can no longer be read, its money's history stays."""

    TOPIC = "person-forgotten"

    credential_version: int
