"""The feeds: what there is to know of each kind, in the order in which it last changed.

An item that changes gets a new place at the end, so whoever reads on from a cursor meets it again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

FEEDS = ("accounts", "meters", "transactions", "usage", "arrears", "balances")
LARGEST_PAGE = 1000


def put(connection: sqlite3.Connection, utility: str, feed: str, items: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """This will add items to a feed, by key; one that is there already moves to the end."""
    rows = ((utility, feed, key, json.dumps(item, separators=(",", ":"))) for key, item in items)
    connection.executemany("INSERT OR REPLACE INTO feed_items (utility, feed, key, item) VALUES (?, ?, ?, ?)", rows)


def page(connection: sqlite3.Connection, utility: str, feed: str, after: int, limit: int) -> dict[str, Any]:
    """This will give up to `limit` items past a cursor, the cursor behind the last, and whether more are there."""
    rows = connection.execute(
        "SELECT change, item FROM feed_items WHERE utility = ? AND feed = ? AND change > ? ORDER BY change LIMIT ?",
        (utility, feed, after, limit + 1),
    ).fetchall()
    return _page(rows, after, limit)


def _page(rows: list[sqlite3.Row], after: int, limit: int) -> dict[str, Any]:
    shown = rows[:limit]
    return {
        "items": [json.loads(row["item"]) for row in shown],
        "cursor": str(shown[-1]["change"] if shown else after),
        "more": len(rows) > limit,
    }


def transactions(connection: sqlite3.Connection, utility: str, since: str, until: str, after: int, limit: int) -> dict[str, Any]:
    """This will give a page of the transactions made from `since` until before `until`, both as a receipt's `at` is written."""
    rows = connection.execute(
        "SELECT change, item FROM feed_items WHERE utility = ? AND feed = 'transactions' AND change > ?"
        " AND json_extract(item, '$.at') >= ? AND json_extract(item, '$.at') < ? ORDER BY change LIMIT ?",
        (utility, after, since, until, limit + 1),
    ).fetchall()
    return _page(rows, after, limit)


def latest_receipts(connection: sqlite3.Connection, utility: str, field: str, number: str, count: int) -> list[dict[str, Any]]:
    """This will give an account's or a meter's last receipts, the newest first."""
    rows = connection.execute(
        "SELECT item FROM feed_items WHERE utility = ? AND feed = 'transactions' AND json_extract(item, ?) = ?"
        " ORDER BY change DESC LIMIT ?",
        (utility, f"$.{field}", number, count),
    )
    return [json.loads(row["item"]) for row in rows]


def receipt_of_card(connection: sqlite3.Connection, utility: str, serial: str) -> dict[str, Any] | None:
    """This will give the receipt of the sale that a card paid; None where there is none."""
    row = connection.execute(
        "SELECT item FROM feed_items WHERE utility = ? AND feed = 'transactions' AND json_extract(item, '$.serial') = ?",
        (utility, serial),
    ).fetchone()
    return json.loads(row["item"]) if row is not None else None
