"""The demo: two utilities with their customers, made up at the first start, relative to its day."""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import asdict
from datetime import datetime
from typing import Any

from standins.juice import feeds
from standins.juice.demo.cards import SOLD_LONG_AGO, Card, cards
from standins.juice.demo.history import History
from standins.juice.demo.people import Household, households
from standins.juice.demo.utilities import UTILITIES, DemoUtility
from standins.juice.ledger import arrears_item, balance_item
from standins.juice.sales import rfc3339
from standins.juice.store import Store


def fill(store: Store, now: datetime) -> None:
    """This will fill an empty store, all of it or nothing; one that holds anything is left as it is."""
    with store.writing() as connection:
        if connection.execute("SELECT count(*) FROM utilities").fetchone()[0] == 0:
            for utility in UTILITIES:
                _fill_utility(connection, utility, now)


def _fill_utility(connection: sqlite3.Connection, utility: DemoUtility, now: datetime) -> None:
    people, stock = households(utility, now.date()), cards(utility)
    spare = iter(stock[:SOLD_LONG_AGO])
    receipts: list[dict[str, Any]] = []
    usage: list[dict[str, Any]] = []
    for household in people:
        History(utility, household, spare, receipts, usage).live(now.date())
    receipts.sort(key=lambda receipt: receipt["at"])
    for number, receipt in enumerate(receipts, utility.first_transaction + 1):
        receipt["transaction"] = str(number)
    tariff = {resource: asdict(each) for resource, each in utility.tariffs.items()}
    connection.execute(
        "INSERT INTO utilities VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            utility.code,
            secrets.token_urlsafe(24),
            json.dumps(utility.description()),
            json.dumps(tariff),
            utility.vending_key,
            utility.supply_group,
            utility.first_transaction + len(receipts),
        ),
    )
    _books(connection, utility.code, people, stock)
    code, latest = utility.code, {receipt["account"]: receipt for receipt in receipts}
    feeds.put(connection, code, "accounts", ((each.number, each.account_item()) for each in people))
    feeds.put(connection, code, "meters", ((m.number, each.meter_item(m)) for each in people for m in each.meters))
    feeds.put(connection, code, "transactions", ((receipt["transaction"], receipt) for receipt in receipts))
    feeds.put(connection, code, "usage", ((f"{item['meter']}/{item['day']}", item) for item in usage))
    owing = ((each.number, arrears_item(each.number, each.debts, rfc3339(now))) for each in people if each.debts)
    feeds.put(connection, code, "arrears", owing)
    feeds.put(connection, code, "balances", ((account, balance_item(receipt)) for account, receipt in latest.items()))


def _books(connection: sqlite3.Connection, code: str, people: list[Household], stock: list[Card]) -> None:
    connection.executemany(
        "INSERT INTO accounts VALUES (?, ?, ?, ?)", [(code, each.number, each.name, each.balance) for each in people]
    )
    connection.executemany(
        "INSERT INTO meters VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
        [
            (code, m.number, each.number, m.kind, m.resource, m.unit, m.is_blocked, 1 + m.key_changes, m.last_identifier)
            for each in people
            for m in each.meters
        ],
    )
    connection.executemany(
        "INSERT INTO debts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (code, d.id, each.number, d.description, d.balance, d.original, d.share, d.plan, d.opened_on)
            for each in people
            for d in each.debts
        ],
    )
    connection.executemany(
        "INSERT INTO cards VALUES (?, ?, ?, ?, ?)", [(code, c.serial, c.code, c.amount, c.state) for c in stock]
    )
