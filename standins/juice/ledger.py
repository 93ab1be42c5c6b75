"""The books: who a customer is, what they owe and have, and how a receipt changes that and the feeds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from standins.juice import feeds
from standins.juice.problems import Problem
from standins.juice.rules import Debt, Tariff
from standins.juice.tokens import Keys, TokenMeter

DEBT_FIELDS = ", ".join(field.name for field in fields(Debt))


@dataclass(frozen=True)
class Customer:
    """An account, and the meter that is sold for: the one named, or the account's only one."""

    utility: str
    account: str
    name: str
    balance: int
    currency: str
    debts: tuple[Debt, ...]
    meters: tuple[str, ...]
    keys: Keys
    meter: str | None
    unit: str | None
    is_blocked: bool
    token_meter: TokenMeter | None
    tariff: Tariff | None


def description_of(connection: sqlite3.Connection, utility: str) -> dict[str, Any]:
    """This will give the utility's description."""
    row = connection.execute("SELECT description FROM utilities WHERE code = ?", (utility,)).fetchone()
    described: dict[str, Any] = json.loads(row["description"])
    return described


def customer_of(connection: sqlite3.Connection, utility: str, target: tuple[str, str]) -> Customer:
    """This will find the customer by account or meter. Raises Problem."""
    kind, number = target
    terms = connection.execute("SELECT * FROM utilities WHERE code = ?", (utility,)).fetchone()
    chosen = None
    if kind == "meter":
        chosen = connection.execute("SELECT * FROM meters WHERE utility = ? AND number = ?", (utility, number)).fetchone()
        if chosen is None:
            raise Problem(404, "UnknownMeter", "There is no such meter.")
        number = chosen["account"]
    account = connection.execute("SELECT * FROM accounts WHERE utility = ? AND number = ?", (utility, number)).fetchone()
    if account is None:
        raise Problem(404, "UnknownAccount", "There is no such account.")
    meters = connection.execute(
        "SELECT * FROM meters WHERE utility = ? AND account = ? ORDER BY number", (utility, number)
    ).fetchall()
    if chosen is None and len(meters) == 1:
        chosen = meters[0]
    token_meter = _token_meter(chosen) if chosen and chosen["kind"] == "STS" else None
    return Customer(
        utility=utility,
        account=number,
        name=account["name"],
        balance=account["wallet_balance"],
        currency=json.loads(terms["description"])["currency"],
        debts=debts_of(connection, utility, number),
        meters=tuple(meter["number"] for meter in meters),
        keys=Keys(terms["vending_key"], terms["supply_group"]),
        meter=chosen["number"] if chosen else None,
        unit=chosen["unit"] if chosen else None,
        is_blocked=bool(chosen and chosen["blocked"]),
        token_meter=token_meter,
        tariff=Tariff(**json.loads(terms["tariff"])[token_meter.resource]) if token_meter else None,
    )


def refuse_blocked(customer: Customer) -> None:
    """This will refuse to sell for a blocked meter. Raises Problem."""
    if customer.is_blocked:
        raise Problem(409, "BlockedMeter", "Nothing is sold for this meter at present.")


def debts_of(connection: sqlite3.Connection, utility: str, account: str) -> tuple[Debt, ...]:
    """This will give what an account owes, the oldest first."""
    rows = connection.execute(
        f"SELECT {DEBT_FIELDS} FROM debts WHERE utility = ? AND account = ? AND balance > 0 ORDER BY opened_on, id",  # noqa: S608
        (utility, account),
    )
    return tuple(Debt(*row) for row in rows)


def next_number(connection: sqlite3.Connection, utility: str) -> str:
    """This will give the next transaction's number."""
    row = connection.execute(
        "UPDATE utilities SET last_transaction = last_transaction + 1 WHERE code = ? RETURNING last_transaction", (utility,)
    ).fetchone()
    return str(row["last_transaction"])


def note_token(connection: sqlite3.Connection, customer: Customer, identifier: int) -> None:
    """This will remember the identifier of a meter's last token, and that its key has changed if it was to."""
    connection.execute(
        "UPDATE meters SET last_identifier = ?, key_revision = next_revision WHERE utility = ? AND number = ?",
        (identifier, customer.utility, customer.meter),
    )


def enter(connection: sqlite3.Connection, customer: Customer, receipt: dict[str, Any], debts_after: Sequence[Debt]) -> None:
    """This will enter a receipt into the books, and tell of it in the feeds."""
    utility, account = customer.utility, customer.account
    connection.execute(
        "UPDATE accounts SET wallet_balance = ? WHERE utility = ? AND number = ?", (receipt["wallet_balance"], utility, account)
    )
    for debt in debts_after:
        connection.execute("UPDATE debts SET balance = ? WHERE utility = ? AND id = ?", (debt.balance, utility, debt.id))
    feeds.put(connection, utility, "transactions", [(receipt["transaction"], receipt)])
    feeds.put(connection, utility, "balances", [(account, balance_item(receipt))])
    if debts_after:
        feeds.put(connection, utility, "arrears", [(account, arrears_item(account, debts_after, receipt["at"]))])


def balance_item(receipt: dict[str, Any]) -> dict[str, Any]:
    """This will give what the feed of balances says after a receipt."""
    return {
        "account": receipt["account"],
        "wallet_balance": receipt["wallet_balance"],
        "currency": receipt["currency"],
        "as_of": receipt["at"],
        "through_transaction": receipt["transaction"],
    }


def arrears_item(account: str, debts: Sequence[Debt], as_of: str) -> dict[str, Any]:
    """This will give what the feed of arrears says: the debts that are not paid."""
    return {"account": account, "debts": [asdict(debt) for debt in debts if debt.balance], "as_of": as_of}


def _token_meter(row: sqlite3.Row) -> TokenMeter:
    return TokenMeter(
        number=row["number"],
        resource=row["resource"],
        key_revision=row["key_revision"],
        next_revision=row["next_revision"],
        last_identifier=row["last_identifier"],
    )
