"""Seed asks the utility for its customers: a service request is opened where an outcome stays unknown, and closed with it.

Followed once, from the log. There is one request for each cause and payment, so that an event that is followed again changes
nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncCursor

from domain.commands.tickets import UnknownTicket
from domain.difference_events import DifferenceFound, DifferenceSettled
from domain.event import Context, Event
from domain.portal import Portal
from domain.purchase_events import PurchaseFlagged, PurchaseFoundIssued, PurchaseIssued, PurchaseProvenAbsent
from domain.redemption_events import RedemptionFlagged, RedemptionFoundMade, RedemptionProvenAbsent, RedemptionSettled
from domain.ticket_events import About
from eventlog.follower import Recorded
from wording.catalogue import N_

FOLLOWS_AS = "service-requests"

CARD_IN_DOUBT, PURCHASE_IN_DOUBT = "redemption-in-doubt", "purchase-in-doubt"
BOOKS_DIFFER = "books-differ"

CARD_SUBJECT = N_("What became of my Juice card?")
CARD_TEXT = N_(
    "The card was sent on, and no answer has come for a quarter of an hour. It counts once, whatever happens. We keep asking, and"
    " have opened this request for you."
)
PURCHASE_SUBJECT = N_("What became of the power that I bought?")
PURCHASE_TEXT = N_(
    "Your bank keeps the money for us, and no answer about the power has come for a quarter of an hour. Your card is not charged"
    " yet, and never twice. We keep asking, and have opened this request for you."
)
CARD_REDEEMED = N_(
    "The answer has come: the card was redeemed, once. You find it under your activity, with its token where there is one."
)
CARD_UNUSED = N_("The answer has come: the card was not redeemed, and can be tried again.")
POWER_ISSUED = N_(
    "The answer has come: the power was issued, and your card is charged once. You find it under your activity, with its token"
    " where there is one."
)
BOOKS_SUBJECT = N_("Do our books agree on this payment?")
BOOKS_TEXT = N_(
    "Each day we compare what we have recorded of a payment with what Juice and the payment provider have. Of this one they do"
    " not say the same. You do not have to do anything: we look into it, and have opened this request for you."
)
BOOKS_AGREE = N_("All have the same by now: nothing had to be done.")
BOOKS_CHANGED = N_("They differ by another amount now: we have opened another request for that.")
BOOKS_SETTLED = N_("We have looked into it, and it is settled.")
POWER_NOT_ISSUED = N_("The answer has come: the power was not issued, and your card is not charged.")


class ServiceRequests:
    """Opens and closes requests of one utility's customers."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    async def follow(self, cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
        """This will ask for customers in doubt, and say where the doubt is over."""
        for recorded in batch:
            # Of whoever was forgotten meanwhile there is nothing to ask.
            with contextlib.suppress(UnknownTicket):
                await self._follow(recorded.event)

    async def _follow(self, event: Event) -> None:
        match event:
            case RedemptionFlagged():
                await self._open(event, CARD_IN_DOUBT, CARD_SUBJECT, CARD_TEXT)
            case PurchaseFlagged(reason="doubt-lasts"):
                await self._open(event, PURCHASE_IN_DOUBT, PURCHASE_SUBJECT, PURCHASE_TEXT)
            case RedemptionSettled() | RedemptionFoundMade():
                await self._close(event, CARD_IN_DOUBT, CARD_REDEEMED)
            case RedemptionProvenAbsent():
                await self._close(event, CARD_IN_DOUBT, CARD_UNUSED)
            case PurchaseIssued() | PurchaseFoundIssued():
                await self._close(event, PURCHASE_IN_DOUBT, POWER_ISSUED)
            case PurchaseProvenAbsent():
                await self._close(event, PURCHASE_IN_DOUBT, POWER_NOT_ISSUED)
            case DifferenceFound():
                await self._open(event, _found_as(event.originator_version), BOOKS_SUBJECT, BOOKS_TEXT)
            case DifferenceSettled(how=how):
                said = {"vanished": BOOKS_AGREE, "changed": BOOKS_CHANGED}.get(how, BOOKS_SETTLED)
                await self._close(event, _found_as(event.originator_version - 1), said)

    async def _open(self, event: Event, cause: str, subject: str, text: str) -> None:
        # Of a difference that is nobody's payment as far as anybody knows, the console alone tells.
        if event.account_id is not None:
            await self.portal.open_ticket_by_system(
                _context(event),
                account_id=event.account_id,
                cause=cause,
                about=_about(event, cause),
                topic="payment",
                subject=subject,
                text=text,
            )

    async def _close(self, event: Event, cause: str, comment: str) -> None:
        await self.portal.close_ticket_by_system(_context(event), cause=cause, about=_about(event, cause), comment=comment)


def _found_as(version: int) -> str:
    """A difference that comes back is found anew, and asks anew: each finding is settled by the event behind it."""
    return f"{BOOKS_DIFFER}-{version}"


def _about(event: Event, cause: str) -> About:
    if cause.startswith(BOOKS_DIFFER):
        return About(kind="difference", id=event.originator_id)
    return About(kind="purchase" if cause == PURCHASE_IN_DOUBT else "redemption", id=event.originator_id)


def _context(event: Event) -> Context:
    """At the moment of what caused it, and because of that."""
    return Context(at=event.at, by="system:notifier", correlation_id=event.correlation_id)
