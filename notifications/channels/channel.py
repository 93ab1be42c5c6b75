"""What every channel takes, does, and may answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from domain.contact import ContactChannel


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one contact. Sent again, it is the same to the last byte: `id` and `at` do not change.

    Neither whom it goes to nor what it says is in its repr, so that neither gets into a log.
    """

    id: UUID
    channel: ContactChannel
    at: datetime
    to: str = field(repr=False)
    sender: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)


class DeliveryRefused(Exception):
    """This message will never reach that contact; sending it again is of no use. Says why, without the contact."""


class DeliveryDelayed(Exception):
    """It did not work, or is not known to have worked; sending it again later may. Says why, without the contact."""

    def __init__(self, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Channel(Protocol):
    """One way to reach a person."""

    async def send(self, message: Message) -> None:
        """This will hand the message over, or raise DeliveryRefused or DeliveryDelayed."""
        ...
