"""Payments (payment intents with their charges): authorised, captured, released, and what happens to them with time."""

from __future__ import annotations

from typing import Any

from standins.cards.books import Books
from standins.cards.errors import Refused, bad_parameter, unexpected_state
from standins.cards.numbers import DECLINES, Outcome

HOLDS_FOR = 7 * 86_400
"""Seconds an authorisation lasts."""

BEFORE_CAPTURE = ("requires_payment_method", "requires_confirmation", "requires_action")
REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")


def begun(books: Books, session: dict[str, Any], terms: dict[str, Any]) -> dict[str, Any]:
    """This will give the session's payment, made where a card is typed for the first time."""
    if session["payment_intent"] is not None:
        return books.get("payment_intent", session["payment_intent"])
    return books.new(
        "payment_intent",
        amount=session["amount_total"],
        amount_capturable=0,
        amount_received=0,
        canceled_at=None,
        cancellation_reason=None,
        capture_method="manual",
        currency=session["currency"],
        customer=None,
        description=terms.get("description"),
        last_payment_error=None,
        latest_charge=None,
        metadata=terms.get("metadata", {}),
        next_action=None,
        payment_method_types=["card"],
        status="requires_payment_method",
    )


def authorise(books: Books, intent: dict[str, Any], card: Outcome) -> None:
    """This will hold the amount on the card."""
    soon = books.faults.take(books.account, ("expiring-authorisation",))
    until = books.now + (int(soon.seconds) if soon else HOLDS_FOR)
    charge = _charge(books, intent, card, status="succeeded", paid=True)
    charge["payment_method_details"]["card"]["capture_before"] = until
    books.put(charge)
    intent.update(
        status="requires_capture",
        amount_capturable=intent["amount"],
        latest_charge=charge["id"],
        last_payment_error=None,
        next_action=None,
    )
    books.put(intent, due=until)
    books.tell("payment_intent.amount_capturable_updated", intent)


def decline(books: Books, intent: dict[str, Any], card: Outcome, why: str) -> None:
    """This will note that the card's bank would not; another card may be tried."""
    charge = _charge(books, intent, card, status="failed", paid=False, failure_code=why)
    books.put(charge)
    error = {"type": "card_error", "code": why, "message": DECLINES[why], "charge": charge["id"]}
    intent.update(status="requires_payment_method", latest_charge=charge["id"], last_payment_error=error, next_action=None)
    books.put(intent)
    books.tell("payment_intent.payment_failed", intent)


def capture(books: Books, id: str, given: dict[str, Any]) -> dict[str, Any]:
    """This will take the amount that is held, all of it. Raises Refused."""
    intent = books.get("payment_intent", id)
    if given.get("amount_to_capture") not in (None, str(intent["amount_capturable"])):
        raise bad_parameter("amount_to_capture", "This stand-in captures the whole amount only.")
    if intent["status"] != "requires_capture":
        status, allowed = (
            intent["status"],
            "Only a PaymentIntent with one of the following statuses may be captured: requires_capture.",
        )
        raise unexpected_state(f"This PaymentIntent could not be captured because it has a status of {status}. {allowed}", intent)
    if books.faults.take(books.account, ("decline-capture",)):
        raise Refused(402, "card_error", DECLINES["card_declined"], is_kept=True, code="card_declined", payment_intent=intent)
    charge = books.get("charge", intent["latest_charge"])
    charge.update(captured=True, amount_captured=intent["amount"])
    books.put(charge)
    intent.update(status="succeeded", amount_received=intent["amount"], amount_capturable=0)
    books.put(intent)
    books.tell("payment_intent.succeeded", intent)
    return intent


def cancel(books: Books, id: str, given: dict[str, Any]) -> dict[str, Any]:
    """This will let the amount go. Raises Refused."""
    intent = books.get("payment_intent", id)
    reason = given.get("cancellation_reason")
    if reason not in (None, *REASONS):
        raise bad_parameter("cancellation_reason", f"must be one of {', '.join(REASONS)}")
    if intent["status"] in BEFORE_CAPTURE:
        message = "You cannot cancel this PaymentIntent because it belongs to an open Checkout Session: expire the session."
        raise Refused(400, "invalid_request_error", message, is_kept=True)
    if intent["status"] != "requires_capture":
        raise unexpected_state(f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.", intent)
    released(books, intent, reason)
    return intent


def released(books: Books, intent: dict[str, Any], reason: str | None) -> None:
    """This will end a payment of which nothing was taken."""
    if intent["amount_capturable"]:
        charge = books.get("charge", intent["latest_charge"])
        charge.update(refunded=True, amount_refunded=intent["amount"])
        books.put(charge)
    intent.update(status="canceled", amount_capturable=0, canceled_at=books.now, cancellation_reason=reason, next_action=None)
    books.put(intent)
    books.tell("payment_intent.canceled", intent)


def _charge(books: Books, intent: dict[str, Any], card: Outcome, **fields: Any) -> dict[str, Any]:
    details = {"type": "card", "card": {"brand": card.brand, "last4": card.last4, "capture_before": None}}
    return books.new(
        "charge",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        captured=False,
        currency=intent["currency"],
        disputed=False,
        metadata=intent["metadata"],
        payment_intent=intent["id"],
        payment_method_details=details,
        refunded=False,
        **fields,
    )
