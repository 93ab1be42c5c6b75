"""What happens to the share of each purchase that a customer chooses for one of their debts. Shares are whole percent."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from domain.event import Event


class ShareChosen(Event, frozen=True, kw_only=True):
    """The customer wants this share of each purchase to go to the debt; Juice was not asked yet.

    `message_id` is the id under which Juice will be asked, and asked again; `former_share` is Juice's share until then.
    """

    TOPIC = "arrears-share-chosen"

    debt_id: str
    description: str
    share: int
    former_share: int
    message_id: UUID


class ShareSent(Event, frozen=True, kw_only=True):
    """From here on Juice may have been asked: only advice tells."""

    TOPIC = "arrears-share-sent"

    message_id: UUID


class ShareSentAgain(Event, frozen=True, kw_only=True):
    """Juice said that it knows no such message, and is about to be sent it once more."""

    TOPIC = "arrears-share-sent-again"

    message_id: UUID


class ShareDoubted(Event, frozen=True, kw_only=True):
    """Juice's reply was lost: which share counts is unknown until advice tells."""

    TOPIC = "arrears-share-doubted"

    message_id: UUID
    reason: str


class ShareConfirmed(Event, frozen=True, kw_only=True):
    """Juice takes this share of each purchase from now on."""

    TOPIC = "arrears-share-confirmed"

    debt_id: str
    share: int
    message_id: UUID


class ShareRefused(Event, frozen=True, kw_only=True):
    """It is known that Juice has not changed the share; `rule` is its reason."""

    TOPIC = "arrears-share-refused"

    message_id: UUID
    rule: str


class ShareFlagged(Event, frozen=True, kw_only=True):
    """Somebody of the staff should look at it: the doubt lasts. Nothing is guessed meanwhile."""

    TOPIC = "arrears-share-flagged"

    message_id: UUID
    reason: Literal["doubt-lasts"]
