"""How much of each payment goes to a debt: the utility's share, or a larger one that the customer chose within its limit."""

from __future__ import annotations

import sqlite3
from typing import Any

from standins.juice import feeds, ledger
from standins.juice.problems import Problem
from standins.juice.rules import Debt


def limits_of(connection: sqlite3.Connection, utility: str, account: str) -> dict[str, Any]:
    """This will say which share each debt of an account has now, and which it may have (percent). Raises Problem."""
    customer = ledger.customer_of(connection, utility, ("account", account))
    return {"debts": [_limits(connection, utility, debt) for debt in customer.debts]}


def take(connection: sqlite3.Connection, utility: str, account: str, debt_id: str, share: int, at: str) -> dict[str, Any]:
    """This will have that share of each payment go to the debt from now on, and tell of it in the feed. Raises Problem."""
    customer = ledger.customer_of(connection, utility, ("account", account))
    debt = next((debt for debt in customer.debts if debt.id == debt_id), None)
    if debt is None:
        raise Problem(404, "UnknownDebt", "The account owes nothing under this id.")
    told = _limits(connection, utility, debt)
    if not told["least"] <= share <= told["most"]:
        raise Problem(409, "ShareOutOfLimits", f"The share may be {told['least']} to {told['most']} percent.", "share")
    connection.execute("INSERT OR IGNORE INTO utility_shares VALUES (?, ?, ?)", (utility, debt_id, debt.share))
    connection.execute("UPDATE debts SET share = ? WHERE utility = ? AND id = ?", (share, utility, debt_id))
    item = ledger.arrears_item(account, ledger.debts_of(connection, utility, account), at)
    feeds.put(connection, utility, "arrears", [(account, item)])
    return {"account": account, "debt": debt_id, "share": share, "at": at}


def _limits(connection: sqlite3.Connection, utility: str, debt: Debt) -> dict[str, Any]:
    row = connection.execute("SELECT share FROM utility_shares WHERE utility = ? AND debt = ?", (utility, debt.id)).fetchone()
    least = int(row["share"]) if row is not None else debt.share
    highest = ledger.description_of(connection, utility)["arrears_rules"].get("highest_share", 0)
    named = {"debt": debt.id, "description": debt.description, "balance": debt.balance, "share": debt.share}
    return named | {"least": least, "most": max(least, highest)}
