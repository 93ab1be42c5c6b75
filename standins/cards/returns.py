"""What goes back to whoever paid: refunds by the account's own staff, and disputes by the customer's bank."""

from __future__ import annotations

from typing import Any

from standins.cards.books import Books
from standins.cards.errors import Refused

STATUSES = ("warning_needs_response", "warning_under_review", "warning_closed", "needs_response", "under_review", "won", "lost")
CLOSED = ("warning_closed", "won", "lost")


def refund(books: Books, intent_id: str, amount: int | None) -> dict[str, Any]:
    """This will give back some of a captured payment, or all that is left of it. Raises Refused, naming the field."""
    charge = _captured(books, intent_id)
    left = charge["amount_captured"] - charge["amount_refunded"]
    given = left if amount is None else amount
    if not 0 < given <= left:
        raise bad("amount", f"must be from 1 to {left}, which is what is left")
    made = books.new(
        "refund",
        amount=given,
        charge=charge["id"],
        currency=charge["currency"],
        metadata={},
        payment_intent=intent_id,
        reason="requested_by_customer",
        status="succeeded",
    )
    books.put(made)
    charge["amount_refunded"] += given
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    books.put(charge)
    books.tell("charge.refunded", charge)
    return made


def fail_refund(books: Books, id: str) -> dict[str, Any]:
    """This will have the customer's bank turn a refund away: the money is back with the account. Raises Refused."""
    made = books.get("refund", id)
    if made["status"] != "succeeded":
        raise bad("refund", f"is {made['status']} already")
    made.update(status="failed", failure_reason="lost_or_stolen_card")
    books.put(made)
    charge = books.get("charge", made["charge"])
    charge.update(amount_refunded=charge["amount_refunded"] - made["amount"], refunded=False)
    books.put(charge)
    books.tell("refund.failed", made)
    return made


def dispute(books: Books, intent_id: str, amount: int | None, status: str) -> dict[str, Any]:
    """This will have the customer's bank demand money back, or go on with what it demanded before. Raises Refused."""
    charge = _captured(books, intent_id)
    made = _standing(books, charge["id"])
    is_new = made is None
    if made is None:
        asked = charge["amount"] if amount is None else amount
        if not 0 < asked <= charge["amount"]:
            raise bad("amount", f"must be from 1 to {charge['amount']}")
        made = books.new(
            "dispute",
            amount=asked,
            charge=charge["id"],
            currency=charge["currency"],
            metadata={},
            payment_intent=intent_id,
            reason="fraudulent",
            status=status,
        )
    elif amount not in (None, made["amount"]):
        raise bad("amount", f"is {made['amount']} already")
    made["status"] = status
    books.put(made)
    charge["disputed"] = True
    books.put(charge)
    happened = "created" if is_new else "closed" if status in CLOSED else "updated"
    books.tell(f"charge.dispute.{happened}", made)
    return made


def bad(field: str, reason: str) -> Refused:
    """This will make the refusal of a field of an order."""
    return Refused(422, "bad_order", f"{field}: {reason}", param=field)


def _captured(books: Books, intent_id: str) -> dict[str, Any]:
    intent = books.get("payment_intent", intent_id)
    if intent["status"] != "succeeded":
        raise bad("payment", f"is not captured: {intent['status']}")
    return books.get("charge", intent["latest_charge"])


def _standing(books: Books, charge_id: str) -> dict[str, Any] | None:
    row = books.connection.execute(
        "SELECT id FROM objects WHERE account = ? AND kind = 'dispute' AND body ->> 'charge' = ?", (books.account, charge_id)
    ).fetchone()
    return None if row is None else books.get("dispute", row["id"])
