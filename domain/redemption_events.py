"""What happens to a card redemption."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.event import Event
from domain.wallet import Receipt


class RedemptionReserved(Event, frozen=True, kw_only=True):
    """Juice said that serial and code match; this account is to be credited. Nothing was sent yet.

    `message_id` is the id under which Juice will be asked, and asked again; `secret_id` holds serial and code in transit.
    """

    TOPIC = "redemption-reserved"

    wallet_id: UUID
    meter_id: UUID | None
    message_id: UUID
    secret_id: UUID
    amount: int
    currency: str
    attempt: int


class RedemptionSent(Event, frozen=True, kw_only=True):
    """From here on Juice may have been asked: only advice tells."""

    TOPIC = "redemption-sent"

    message_id: UUID


class RedemptionSentAgain(Event, frozen=True, kw_only=True):
    """Juice said that it knows no such message, and is about to be sent it once more."""

    TOPIC = "redemption-sent-again"

    message_id: UUID


class RedemptionNeverLeft(Event, frozen=True, kw_only=True):
    """No connection to Juice came about, so that the copy that was to be sent at `sent_at` never left: it counts no more.

    `is_unsent`: it was the only one. Nothing was sent, and the redemption is where it was before.
    """

    TOPIC = "redemption-never-left"

    message_id: UUID
    sent_at: datetime
    is_unsent: bool


class RedemptionDoubted(Event, frozen=True, kw_only=True):
    """Juice's reply was lost: the outcome is unknown until advice tells."""

    TOPIC = "redemption-doubted"

    message_id: UUID
    reason: str


class RedemptionSettled(Event, frozen=True, kw_only=True):
    """Juice redeemed the card, and this is its receipt."""

    TOPIC = "redemption-settled"

    message_id: UUID
    receipt: Receipt


class RedemptionProvenAbsent(Event, frozen=True, kw_only=True):
    """It is known that Juice did not redeem the card; `rule` is Juice's reason."""

    TOPIC = "redemption-proven-absent"

    message_id: UUID
    rule: str


class RedemptionFoundMade(Event, frozen=True, kw_only=True):
    """Juice made it, although it had been proven absent: a copy of the message arrived later than any could be expected.

    Corrects the RedemptionProvenAbsent of the same `message_id`.
    """

    TOPIC = "redemption-found-made"

    message_id: UUID
    receipt: Receipt


class RedemptionFlagged(Event, frozen=True, kw_only=True):
    """Somebody of the staff should look at it: the doubt lasts. Nothing is guessed meanwhile."""

    TOPIC = "redemption-flagged"

    message_id: UUID
    reason: Literal["doubt-lasts"]
