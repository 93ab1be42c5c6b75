"""How a card stands, told to the utility by its serial: in which state, worth what, and where it was used."""

from __future__ import annotations

import sqlite3
from typing import Any

from standins.juice import feeds, ledger
from standins.juice.problems import no_such_card


def status_of(connection: sqlite3.Connection, utility: str, serial: str) -> dict[str, Any]:
    """This will say how the card of a serial stands; never its code. Raises Problem."""
    query = "SELECT amount, state FROM cards WHERE utility = ? AND serial = ?"
    card = connection.execute(query, (utility, serial)).fetchone()
    if card is None:
        raise no_such_card()
    used = feeds.receipt_of_card(connection, utility, serial) if card["state"] == "used" else None
    return {
        "serial": serial,
        "state": card["state"],
        "amount": card["amount"],
        "currency": ledger.description_of(connection, utility)["currency"],
        "used": {name: used[name] for name in ("at", "account", "meter")} if used else None,
    }
