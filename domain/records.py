"""What is kept beside the log and written in the same transaction as the events: looked up, or destroyed, but never replayed.

A command hands these to the log together with its events; either all of it is kept or none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything that is written with the events of one command."""


class NumberAssigned(Record, frozen=True, kw_only=True):
    """An account or meter number now leads to this account; the table refuses a number that is taken."""

    kind: Literal["account", "meter"]
    number: str
    account_id: UUID
    meter_id: UUID | None = None


class NumberReleased(Record, frozen=True, kw_only=True):
    """The number leads nowhere any more."""

    kind: Literal["account", "meter"]
    number: str


class CredentialVersionSet(Record, frozen=True, kw_only=True):
    """Sessions that carry a lower credential version are ended from this moment on."""

    account_id: UUID
    version: int


class SecretHeld(Record, frozen=True, kw_only=True):
    """A secret in transit, sealed, for as long as its purpose lasts.

    Purposes: `issued-password` (until its copies are sent), `scratch-code` (until the redemption ends, however long that
    takes: it has no `expires_at`).
    """

    secret_id: UUID
    purpose: Literal["issued-password", "scratch-code"]
    account_id: UUID
    secret: str
    expires_at: datetime | None


class SecretDestroyed(Record, frozen=True, kw_only=True):
    """The purpose of this secret has ended."""

    secret_id: UUID


class FeedAdvanced(Record, frozen=True, kw_only=True):
    """Everything of this Juice feed up to `cursor` is in the log."""

    feed: str
    cursor: str


class Answered(Record, frozen=True, kw_only=True):
    """The answer that every repetition of this command will get.

    `scope` is who asks and what for; `key` the client's Idempotency-Key; `claimant` whose claim it is that is answered; `body`
    the JSON answer.
    """

    scope: str
    key: str
    claimant: UUID
    status: int
    body: bytes


class AccountKeyCreated(Record, frozen=True, kw_only=True):
    """A new account's data key is made and wrapped in this transaction."""

    account_id: UUID


class NumberFound(msgspec.Struct, frozen=True, kw_only=True):
    """Where an account or meter number leads."""

    account_id: UUID
    meter_id: UUID | None = None


class NumberAlreadyTaken(Exception):
    """The account or meter number already leads to another account; nothing was written."""
