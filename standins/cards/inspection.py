"""The stand-in's own, for whoever tries things out: faults to order, webhooks to let go, what became of each payment, and what
the staff at the provider and the customer's bank do to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from standins.cards import checkouts, returns
from standins.cards.books import Books
from standins.cards.errors import Refused
from standins.cards.faults import Faults
from standins.cards.store import Store
from standins.cards.webhooks import Postman
from standins.http import Reply, Request, in_json


class Inspection:
    """Answers below /__faults, /__webhooks, /__payments, /__refunds and /__disputes, without a key."""

    def __init__(self, store: Store, faults: Faults, postman: Postman, now: Callable[[], int]) -> None:
        self._now = now
        self._store = store
        self._faults = faults
        self._postman = postman

    def answer(self, request: Request) -> Reply:
        """This will answer a request. Raises Refused."""
        match request.method, request.path:
            case "POST", "/__faults":
                self._faults.order(_body(request))
            case "DELETE", "/__faults":
                self._faults.clear()
                self._postman.release(is_reversed=False)
            case "GET", "/__faults":
                pass
            case "POST", "/__webhooks":
                wanted = _body(request)
                if not isinstance(wanted, dict) or wanted.get("order") not in ("as-made", "reversed"):
                    raise Refused(422, "bad_order", "order: must be as-made or reversed", param="order")
                return in_json(200, {"released": self._postman.release(is_reversed=wanted["order"] == "reversed")})
            case "GET", "/__webhooks":
                return in_json(200, {"waiting": self._waiting()})
            case "POST", "/__refunds":
                return in_json(200, self._refunded(_order(request, "payment", "amount", "fails")))
            case "POST", "/__disputes":
                return in_json(200, self._disputed(_order(request, "payment", "amount", "status")))
            case "GET", "/__payments":
                return in_json(200, {"payments": self._payments(), "checkouts": self._checkouts()})
            case _:
                raise Refused(404, "invalid_request_error", "There is nothing here.")
        return in_json(200, {"faults": self._faults.listed()})

    def _refunded(self, wanted: dict[str, Any]) -> dict[str, Any]:
        amount = _amount(wanted)
        fails = wanted.get("fails", False)
        if type(fails) is not bool:
            raise returns.bad("fails", "must be true or false")

        def work(books: Books, payment: str) -> dict[str, Any]:
            made = returns.refund(books, payment, amount)
            return returns.fail_refund(books, made["id"]) if fails else made

        return self._done(wanted, work)

    def _disputed(self, wanted: dict[str, Any]) -> dict[str, Any]:
        amount, status = _amount(wanted), wanted.get("status", "needs_response")
        if status not in returns.STATUSES:
            raise returns.bad("status", f"must be one of {', '.join(returns.STATUSES)}")
        return self._done(wanted, lambda books, payment: returns.dispute(books, payment, amount, status))

    def _done(self, wanted: dict[str, Any], work: Callable[[Books, str], dict[str, Any]]) -> dict[str, Any]:
        """What was done to a payment, whosever account it is of."""
        payment = wanted.get("payment")
        with self._store.writing() as connection:
            row = connection.execute(
                "SELECT account FROM objects WHERE id = ? AND kind = 'payment_intent'",
                (payment if isinstance(payment, str) else "",),
            ).fetchone()
            if row is None:
                raise returns.bad("payment", "must be the id of a payment (pi_…)")
            done = work(Books(connection, row["account"], self._now(), self._faults), str(payment))
        self._postman.wake()
        return done

    def _payments(self) -> list[dict[str, Any]]:
        with self._store.reading() as connection:
            charges = [json.loads(row["body"]) for row in connection.execute("SELECT body FROM objects WHERE kind = 'charge'")]
            rows = connection.execute("SELECT account, body FROM objects WHERE kind = 'payment_intent' ORDER BY place").fetchall()
        found = []
        for row in rows:
            intent = json.loads(row["body"])
            own = [charge for charge in charges if charge["payment_intent"] == intent["id"]]
            names = ("id", "status", "amount", "currency", "amount_capturable", "amount_received", "metadata")
            found.append(
                {name: intent[name] for name in names}
                | {
                    "account": row["account"],
                    "authorised": sum(charge["paid"] for charge in own),
                    "declined": sum(not charge["paid"] for charge in own),
                    "captured": sum(charge["captured"] for charge in own),
                    "released": sum(charge["refunded"] and not charge["captured"] for charge in own),
                    "refunded": sum(charge["amount_refunded"] for charge in own if charge["captured"]),
                    "disputed": any(charge["disputed"] for charge in own),
                }
            )
        return found

    def _checkouts(self) -> list[dict[str, Any]]:
        names = ("id", "status", "url", "client_reference_id", "payment_intent", "amount_total", "currency")
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT account, body FROM objects WHERE kind = 'checkout.session' ORDER BY place"
            ).fetchall()
        sessions = [(row["account"], checkouts.told(json.loads(row["body"]))) for row in rows]
        return [{"account": account} | {name: session[name] for name in names} for account, session in sessions]

    def _waiting(self) -> list[dict[str, Any]]:
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT d.account, d.event, d.attempts, d.due IS NULL AS held, o.body ->> 'type' AS type FROM deliveries d"
                " JOIN objects o ON o.id = d.event ORDER BY d.id"
            ).fetchall()
        return [dict(row) | {"held": bool(row["held"])} for row in rows]


def _order(request: Request, *fields: str) -> dict[str, Any]:
    wanted = _body(request)
    if not isinstance(wanted, dict):
        raise Refused(422, "bad_order", "the body must be an object")
    if unknown := set(wanted) - set(fields):
        raise returns.bad(min(unknown)[:64], "is not a field of this")
    return wanted


def _amount(wanted: dict[str, Any]) -> int | None:
    amount = wanted.get("amount")
    if amount is not None and (type(amount) is not int or amount <= 0):
        raise returns.bad("amount", "must be a whole number above 0, in minor units")
    return amount


def _body(request: Request) -> Any:
    # Only a declared JSON body: a form on somebody's page cannot send one unasked.
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refused(415, "bad_order", "the body must be application/json")
    try:
        return json.loads(request.body)
    except ValueError:
        raise Refused(400, "bad_order", "the body is not JSON") from None
