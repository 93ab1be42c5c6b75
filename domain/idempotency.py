"""Commands that come with an Idempotency-Key: the port through which a repeated one is recognised, and what it may find."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from domain.log import Position


class ClaimLost(Exception):
    """Whoever was to answer was so slow that somebody else has taken the command over; nothing was written."""


class Claimed(msgspec.Struct, frozen=True):
    """The key is new, or was left by somebody who died: whoever holds this may run the command, and must answer or release."""

    scope: str
    key: str
    claimant: UUID


class AlreadyAnswered(msgspec.Struct, frozen=True):
    """The command ran: this is the answer that every repetition gets; `position` is at least that of its last event."""

    status: int
    body: bytes
    position: Position


class InProgress(msgspec.Struct, frozen=True):
    """The first command with this key still runs."""


class OtherBody(msgspec.Struct, frozen=True):
    """The key came before, with another body."""


Claim = Claimed | AlreadyAnswered | InProgress | OtherBody


class Idempotency(Protocol):
    """Kept with the log, so that an answer is written in the transaction of the events it tells of."""

    async def claim(self, scope: str, key: str, body_hash: bytes, now: datetime) -> Claim:
        """This will claim the key for one command, or say what became of it."""
        ...

    async def wait(self, scope: str, key: str, body_hash: bytes, seconds: float = 5.0) -> Claim | None:
        """This will wait for the answer of one in progress; InProgress where that takes longer, None where it was released."""
        ...

    async def release(self, claim: Claimed) -> None:
        """This will free the key of a command that ended without an answer, so that it may be tried again."""
        ...
