"""An account's contacts: where it can be reached, who gave them, and whether they were confirmed."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

ContactChannel = Literal["email", "sms"]
Standing = Literal["registered", "secondary"]
RemovalReason = Literal[
    "undone", "replaced in Juice", "removed by the customer", "replaced by the customer", "removed by the utility"
]


class Contact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One address to write to. A registered one came from Juice, or took the place of one that did; the others are secondary.

    `issue_id` names the password issue that brought it, or from whose session it was added, so that undoing the issue
    removes it too. `replaces` is the contact whose place it takes once it is confirmed.
    """

    contact_id: UUID
    channel: ContactChannel
    value: str
    standing: Standing
    confirmed: bool
    issue_id: UUID | None = None
    replaces: UUID | None = None

    @property
    def proves(self) -> bool:
        """Whether who reads it is taken for the account's owner: registered, and not waiting to be confirmed."""
        return self.standing == "registered" and self.confirmed


class GivenContact(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as somebody gave it, already in its normal form (E.164, or a checked e-mail address)."""

    contact_id: UUID
    channel: ContactChannel
    value: str
