"""Checkouts (Checkout Sessions): opened by a client, paid on our page, closed by payment, by the client or by time."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from standins.cards import amounts, forms, payments
from standins.cards.books import Books
from standins.cards.errors import Refused, bad_parameter
from standins.cards.numbers import Outcome

SHORTEST, LONGEST = 30 * 60, 24 * 3600
"""Seconds in which a checkout may expire."""

LENIENCE = 60
"""Seconds that a request may have taken on its way."""

PARAMETERS = (
    "mode",
    "allowed_payment_method_types",
    "adaptive_pricing",
    "line_items",
    "payment_intent_data",
    "client_reference_id",
    "metadata",
    "success_url",
    "cancel_url",
    "locale",
    "expires_at",
    "expand",
)


def create(books: Books, given: dict[str, Any], site: str) -> dict[str, Any]:
    """This will open a checkout. Raises Refused."""
    forms.known(given, *PARAMETERS)
    if forms.text(given, "mode") != "payment":
        raise bad_parameter("mode", "This stand-in knows the mode payment only.")
    price = _price(given)
    product, terms = forms.inner(price, "product_data"), forms.inner(given, "payment_intent_data")
    if terms.get("capture_method") != "manual":
        raise bad_parameter("payment_intent_data[capture_method]", "This stand-in captures manually only.")
    currency, amount = forms.text(price, "currency"), forms.whole(price, "unit_amount")
    if not re.fullmatch(r"[a-z]{3}", currency):
        raise bad_parameter("line_items[0][price_data][currency]", f"Invalid currency: {currency[:8]}")
    amounts.check(amount, currency)
    session = books.new(
        "checkout.session",
        amount_subtotal=amount,
        amount_total=amount,
        cancel_url=_address(given, "cancel_url"),
        client_reference_id=forms.text(given, "client_reference_id", 200) if "client_reference_id" in given else None,
        currency=currency,
        expires_at=_expiry(books, given),
        locale=given.get("locale"),
        metadata=forms.texts(given, "metadata", 50, 500),
        mode="payment",
        payment_intent=None,
        payment_status="unpaid",
        status="open",
        success_url=_address(given, "success_url"),
        ui_mode="hosted_page",
    )
    description = terms.get("description") or forms.text(product, "name")
    session["standin"] = {
        "name": forms.text(product, "name"),
        "terms": {"description": description, "metadata": forms.texts(terms, "metadata", 50, 500)},
    }
    session["url"] = f"{site}/c/pay/{session['id']}#pay"
    books.put(session, due=session["expires_at"])
    return session


def expire(books: Books, id: str) -> dict[str, Any]:
    """This will close a checkout that is open. Raises Refused."""
    session = books.get("checkout.session", id)
    if session["status"] != "open":
        status, allowed = session["status"], 'Only Checkout Sessions with a status in ["open"] can be expired.'
        message = f"{allowed} This Checkout Session has a status of `{status}`."
        raise Refused(400, "invalid_request_error", message, is_kept=True)
    _close(books, session)
    return session


def pay(books: Books, session: dict[str, Any], card: Outcome) -> None:
    """This will do what a card does that was typed on an open checkout's page."""
    intent = payments.begun(books, session, session["standin"]["terms"])
    session["payment_intent"] = intent["id"]
    session["standin"]["declined"] = card.decline
    if card.decline is not None:
        payments.decline(books, intent, card, card.decline)
    elif card.needs_challenge:
        intent.update(status="requires_action", next_action={"type": "redirect_to_url"}, last_payment_error=None)
        books.put(intent)
        session["standin"]["challenged"] = {"brand": card.brand, "last4": card.last4}
    else:
        payments.authorise(books, intent, card)
        _complete(books, session)
        return
    books.put(session, due=session["expires_at"])


def meet_challenge(books: Books, session: dict[str, Any], *, is_met: bool) -> None:
    """This will go on after the card's bank has asked whether it is its customer."""
    card = Outcome(**session["standin"].pop("challenged"))
    intent = books.get("payment_intent", session["payment_intent"])
    if is_met:
        payments.authorise(books, intent, card)
        _complete(books, session)
        return
    payments.decline(books, intent, card, "authentication_failed")
    session["standin"]["declined"] = "authentication_failed"
    books.put(session, due=session["expires_at"])


def sweep(books: Books) -> bool:
    """This will do what time does: close checkouts, and let authorisations go. Says whether anything was due."""
    rows = books.connection.execute("SELECT account, body FROM objects WHERE due <= ? ORDER BY due", (books.now,)).fetchall()
    for row in rows:
        thing, own = json.loads(row["body"]), Books(books.connection, row["account"], books.now, books.faults)
        if thing["object"] == "checkout.session":
            _close(own, thing)
        else:
            payments.released(own, thing, "automatic")
    return bool(rows)


def told(session: dict[str, Any]) -> dict[str, Any]:
    """This will leave out what is the stand-in's own."""
    return {name: value for name, value in session.items() if name != "standin"}


def _complete(books: Books, session: dict[str, Any]) -> None:
    session.update(status="complete", url=None)
    books.put(session)
    books.tell("checkout.session.completed", told(session))


def _close(books: Books, session: dict[str, Any]) -> None:
    session.update(status="expired", url=None)
    session["standin"].pop("challenged", None)
    books.put(session)
    if session["payment_intent"] is not None:
        payments.released(books, books.get("payment_intent", session["payment_intent"]), "expired")
    books.tell("checkout.session.expired", told(session))


def _price(given: dict[str, Any]) -> dict[str, Any]:
    items = given.get("line_items")
    if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
        raise bad_parameter("line_items", "This stand-in knows one line item only.")
    if items[0].get("quantity") != "1":
        raise bad_parameter("line_items[0][quantity]", "This stand-in knows the quantity 1 only.")
    return forms.inner(items[0], "price_data")


def _expiry(books: Books, given: dict[str, Any]) -> int:
    if "expires_at" not in given:
        return books.now + LONGEST
    wanted = forms.whole(given, "expires_at")
    if not SHORTEST - LENIENCE <= wanted - books.now <= LONGEST + LENIENCE:
        message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation."
        raise bad_parameter("expires_at", message)
    return wanted


def _address(given: dict[str, Any], name: str) -> str:
    written = forms.text(given, name, 2048)
    parts = urlsplit(written)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad_parameter(name, f"Not a valid URL: {name}", "url_invalid")
    return written
