"""What the demo holds, for whoever wants to try it: numbers to log in with, cards to redeem. No real Juice has this."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from standins.juice.demo.people import BUYS_LITTLE
from standins.juice.problems import Problem


def listing(connection: sqlite3.Connection, utility: str) -> dict[str, Any]:
    """This will list a utility's accounts and cards. Raises Problem."""
    described = connection.execute("SELECT description, client_key FROM utilities WHERE code = ?", (utility,)).fetchone()
    if described is None:
        raise Problem(404, "UnknownUtility", "There is no such utility.")
    meters: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute("SELECT * FROM meters WHERE utility = ? ORDER BY number", (utility,)):
        told = {name: row[name] for name in ("number", "kind", "resource")}
        meters.setdefault(row["account"], []).append(told | {"blocked": bool(row["blocked"])})
    items = connection.execute("SELECT item FROM feed_items WHERE utility = ? AND feed = 'accounts' ORDER BY key", (utility,))
    accounts = [_account(json.loads(row["item"]), meters) for row in items]
    accounts[BUYS_LITTLE]["buys_little"] = True
    cards = connection.execute("SELECT serial, code, amount, state FROM cards WHERE utility = ? ORDER BY serial", (utility,))
    return {
        "code": utility,
        "name": json.loads(described["description"])["name"],
        "accounts": accounts,
        "cards": [dict(row) for row in cards],
    }


def _account(item: dict[str, Any], meters: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    told = {name: item[name] for name in ("number", "address", "email", "phone", "name")}
    own = meters[item["number"]]
    return told | {"meter": own[0]["number"], "meter_kind": own[0]["kind"], "meters": own, "buys_little": False}
