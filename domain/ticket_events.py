"""What happens to a customer's request. What people wrote is sealed under the account's key: it may say anything of anybody."""

from __future__ import annotations

from typing import Literal, get_args
from uuid import UUID

import msgspec

from domain.event import Event

TicketTopic = Literal["question", "meter", "token", "payment", "card", "account", "other"]
"""What a request is about."""

TOPICS: tuple[TicketTopic, ...] = get_args(TicketTopic)


class About(msgspec.Struct, frozen=True, kw_only=True):
    """The one payment that a request is about, or the one difference between the books of it."""

    kind: Literal["redemption", "purchase", "difference"]
    id: UUID


class TicketOpened(Event, frozen=True, kw_only=True):
    """Somebody asks the utility for something: the customer, its staff for the customer, or Seed itself.

    `reference` is its number, for saying on the phone; `cause` why Seed opened it, where Seed did.
    """

    TOPIC = "ticket-opened"
    PERSONAL = ("subject", "text")

    reference: str
    topic: TicketTopic
    subject: str
    text: str
    about: About | None
    cause: str | None


class TicketCommented(Event, frozen=True, kw_only=True):
    """Customer or utility said something more."""

    TOPIC = "ticket-commented"
    PERSONAL = ("text",)

    text: str


class TicketClosed(Event, frozen=True, kw_only=True):
    """The utility is done with it; `comment` is its last word, None where what it said before was the last."""

    TOPIC = "ticket-closed"
    PERSONAL = ("comment",)

    comment: str | None


class TicketReopened(Event, frozen=True, kw_only=True):
    """It is not done after all; `text` says why, where somebody said why."""

    TOPIC = "ticket-reopened"
    PERSONAL = ("text",)

    text: str | None
