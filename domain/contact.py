"""An account's contacts: where it can be reached, who gave them, and whether they were confirmed."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

ContactChannel = Literal["email", "sms"]
Standing = Literal["registered", "secondary"]


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """One address to write to. A registered one came from Juice; a secondary one was given through Get Password.

    `issue_id` names the password issue that brought it, so that undoing the issue removes it too.
    """

    contact_id: UUID
    channel: ContactChannel
    value: str
    standing: Standing
    confirmed: bool
    issue_id: UUID | None = None


class GivenContact(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as somebody gave it, already in its normal form (E.164, or a checked e-mail address)."""

    contact_id: UUID
    channel: ContactChannel
    value: str
