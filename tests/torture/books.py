"""The books of the stand-ins, read and written past them: cards printed for a run, and what was really sold and charged."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

FIRST_SERIAL = 7_000_000_001
"""Past every serial of the demo."""

A_PRINT = 500
"""Cards that a supply prints at once."""

SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def print_cards(folder: Path, utility: str, number: int, chance: random.Random) -> list[dict[str, Any]]:
    """This will have Juice print and sell so many cards more; gives serial, code, amount (minor units) and state of each."""
    with _juice(folder) as connection:
        connection.execute("BEGIN IMMEDIATE")
        last = connection.execute(
            "SELECT max(CAST(serial AS INTEGER)) FROM cards WHERE utility = ? AND CAST(serial AS INTEGER) >= ?",
            (utility, FIRST_SERIAL),
        ).fetchone()[0]
        first = FIRST_SERIAL if last is None else last + 1
        cards = [
            {"serial": str(first + place), "code": _code(chance), "amount": 5000, "state": "activated"} for place in range(number)
        ]
        rows = [(utility, card["serial"], card["code"], card["amount"], card["state"]) for card in cards]
        connection.executemany("INSERT INTO cards VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    return cards


class Supply:
    """Cards of a utility without an end, printed some at a time; `printed` are all of them so far."""

    def __init__(self, folder: Path, utility: str, chance: random.Random) -> None:
        self.folder = folder
        self.utility = utility
        self.chance = chance
        self.printed: list[dict[str, Any]] = []

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while True:
            cards = print_cards(self.folder, self.utility, A_PRINT, self.chance)
            self.printed += cards
            yield from cards


def sales(folder: Path, utility: str) -> list[dict[str, Any]]:
    """This will give Juice's receipts in the order of their sale: transaction, message_id, serial, amount, wallet_change."""
    with _juice(folder) as connection:
        rows = connection.execute(
            "SELECT item FROM feed_items WHERE utility = ? AND feed = 'transactions' ORDER BY change", (utility,)
        ).fetchall()
    return [json.loads(row[0]) for row in rows]


def card_states(folder: Path, utility: str) -> dict[str, str]:
    """This will give what Juice says of each card, by serial: available, activated or used."""
    with _juice(folder) as connection:
        return dict(connection.execute("SELECT serial, state FROM cards WHERE utility = ?", (utility,)).fetchall())


def balances(folder: Path, utility: str) -> dict[str, int]:
    """This will give the balance of each account's wallet at Juice, in minor units, by the account's number."""
    with _juice(folder) as connection:
        return dict(connection.execute("SELECT number, wallet_balance FROM accounts WHERE utility = ?", (utility,)).fetchall())


@contextmanager
def _juice(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / "juice" / "juice.sqlite3", isolation_level=None, timeout=30)) as connection:
        yield connection


def _code(chance: random.Random) -> str:
    signs = chance.choices(SIGNS, k=14)
    return "".join([*signs, chance.choice(SIGNS[:24])])  # a letter at the end: never twenty digits
