"""What Juice does for money: vends and redemptions, each in one transaction, once for each message id."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from standins.juice import fields, ledger, shares
from standins.juice.ledger import Customer
from standins.juice.problems import Problem, card_used, unknown_card
from standins.juice.rules import Applied, apply
from standins.juice.store import Store
from standins.juice.tokens import Issued, issue


class Sales:
    """The till of all utilities. Without `advice` it keeps no message ids, and sells again what comes twice."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, advice: bool = True) -> None:
        self._store = store
        self._clock = clock
        self._advice = advice

    def vend(self, utility: str, given: dict[str, Any]) -> dict[str, Any]:
        """This will sell for an amount. Raises Problem."""
        message_id, amount, tender = fields.message_id(given), fields.amount(given), fields.tender(given)
        target = fields.target(given)

        def sale(connection: sqlite3.Connection) -> dict[str, Any]:
            customer = ledger.customer_of(connection, utility, target)
            return self._sell(connection, customer, amount, {"type": tender, "message_id": message_id, "serial": None})

        return self._once(utility, message_id, given, sale)

    def redeem(self, utility: str, given: dict[str, Any]) -> dict[str, Any]:
        """This will redeem a card, which thereby is used. Raises Problem."""
        message_id, serial, code = fields.message_id(given), fields.text(given, "serial"), fields.text(given, "code")
        target = fields.target(given)

        def sale(connection: sqlite3.Connection) -> dict[str, Any]:
            customer = ledger.customer_of(connection, utility, target)
            amount = matching_card(connection, utility, serial, code)
            connection.execute("UPDATE cards SET state = 'used' WHERE utility = ? AND serial = ?", (utility, serial))
            return self._sell(connection, customer, amount, {"type": "JC", "message_id": message_id, "serial": serial})

        return self._once(utility, message_id, given, sale)

    def trial(self, utility: str, given: dict[str, Any]) -> dict[str, Any]:
        """This will say what a vend would do: a receipt without number and tokens. Raises Problem."""
        amount, target = fields.amount(given), fields.target(given)
        with self._store.reading() as connection:
            customer = ledger.customer_of(connection, utility, target)
            ledger.refuse_blocked(customer)
            applied = apply(amount, customer.debts, customer.tariff)
            heading = {"message_id": None, "transaction": "", "type": "Trial", "serial": None}
            return receipt(heading, customer, amount, applied, None, self._clock())

    def check_card(self, utility: str, given: dict[str, Any]) -> dict[str, Any]:
        """This will say what a card is worth, to whoever knows its code. Raises Problem."""
        serial, code = fields.text(given, "serial"), fields.text(given, "code")
        with self._store.reading() as connection:
            amount = matching_card(connection, utility, serial, code)
            currency = ledger.description_of(connection, utility)["currency"]
        return {"serial": serial, "amount": amount, "currency": currency, "state": "activated"}

    def take_share(self, utility: str, given: dict[str, Any]) -> dict[str, Any]:
        """This will have a larger share of each payment go to a debt. Raises Problem."""
        message_id, debt = fields.message_id(given), fields.text(given, "debt")
        _, account = fields.target({"account": given.get("account")})
        share = fields.whole(given, "share", 1, 100)

        def taken(connection: sqlite3.Connection) -> dict[str, Any]:
            return {"message_id": message_id} | shares.take(connection, utility, account, debt, share, rfc3339(self._clock()))

        return self._once(utility, message_id, given, taken)

    def advise(self, utility: str, message_id: str) -> dict[str, Any]:
        """This will give the complete reply that is stored under a message id. Raises Problem."""
        message_id = fields.message_id({"message_id": message_id})
        with self._store.reading() as connection:
            stored = _stored(connection, utility, message_id)
        if not self._advice:
            raise Problem(404, "NoAdvice", "This Juice keeps no message ids.")
        if stored is None:
            raise Problem(404, "NoSuchTransaction", "Nothing was done under this message id.")
        reply: dict[str, Any] = json.loads(stored["reply"])
        return reply

    def _once(
        self, utility: str, message_id: str, given: dict[str, Any], sale: Callable[[sqlite3.Connection], dict[str, Any]]
    ) -> dict[str, Any]:
        request_hash = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).digest()
        with self._store.writing() as connection:
            if not self._advice:
                return sale(connection)
            stored = _stored(connection, utility, message_id)
            if stored is None:
                reply = sale(connection)
                row = (utility, message_id, request_hash, json.dumps(reply))
                connection.execute("INSERT INTO replies VALUES (?, ?, ?, ?)", row)
                return reply
        if stored["request_hash"] != request_hash:
            raise Problem(422, "MessageIdReused", "Another request was made under this message id.")
        again: dict[str, Any] = json.loads(stored["reply"])
        return again

    def _sell(self, connection: sqlite3.Connection, customer: Customer, amount: int, heading: dict[str, Any]) -> dict[str, Any]:
        ledger.refuse_blocked(customer)
        now = self._clock()
        applied = apply(amount, customer.debts, customer.tariff)
        issued = None
        if applied.units and customer.token_meter:
            issued = issue(customer.keys, customer.token_meter, applied.units, now)
            ledger.note_token(connection, customer, issued.identifier)
        if not self._advice:
            heading = {**heading, "message_id": None}
        heading = {**heading, "transaction": ledger.next_number(connection, customer.utility)}
        made = receipt(heading, customer, amount, applied, issued, now)
        ledger.enter(connection, customer, made, applied.debts)
        return made


SOLD = ("activated", "used")
"""States of a card that somebody has bought."""


def matching_card(connection: sqlite3.Connection, utility: str, serial: str, code: str) -> int:
    """This will give the amount of an activated card. Raises Problem, the same for whatever does not match."""
    card = connection.execute("SELECT * FROM cards WHERE utility = ? AND serial = ?", (utility, serial)).fetchone()
    if not hmac.compare_digest((card["code"] if card else "").encode(), code.encode()) or card["state"] not in SOLD:
        raise unknown_card()
    if card["state"] == "used":
        raise card_used()
    return int(card["amount"])


def receipt(
    heading: dict[str, Any], customer: Customer, amount: int, applied: Applied, issued: Issued | None, at: datetime
) -> dict[str, Any]:
    """This will write a receipt: what a reply holds, and the feed of transactions too."""
    return {
        **heading,
        "at": rfc3339(at),
        "account": customer.account,
        "meter": customer.meter,
        "amount": amount,
        "currency": customer.currency,
        "lines": list(applied.lines),
        "units": written(applied.units),
        "unit": customer.unit,
        "tokens": list(issued.tokens) if issued else [],
        "fees": applied.sum_of("fee"),
        "arrears": applied.sum_of("arrears"),
        "wallet_change": applied.to_wallet,
        "wallet_balance": customer.balance + applied.to_wallet,
    }


def rfc3339(at: datetime) -> str:
    """This will write a moment in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def written(units: Decimal | None) -> str | None:
    """This will write units as a decimal string."""
    return None if units is None else str(units)


def _stored(connection: sqlite3.Connection, utility: str, message_id: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT request_hash, reply FROM replies WHERE utility = ? AND message_id = ?", (utility, message_id)
    ).fetchone()
    return row
