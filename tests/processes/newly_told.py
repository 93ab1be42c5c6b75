"""An account that Juice tells of only now, while the portal runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

from standins.juice import feeds
from standins.juice.store import Store
from standins.juice.tokens import luhn
from tests.running import Running

_places = count(1)


def tell_of_account(portal: Running, code: str) -> dict[str, Any]:
    """This will have the Juice stand-in's feeds bring a new account of a utility, with one STS meter."""
    store = Store(portal.folder / "juice" / "juice.sqlite3")
    try:
        with store.writing() as connection:
            place = next(_places)
            last, description = connection.execute(
                "SELECT max(number), (SELECT description FROM utilities WHERE code = :code) FROM accounts WHERE utility = :code",
                {"code": code},
            ).fetchone()
            number, opened_on = str(int(last) + 7), datetime.now(UTC).date().isoformat()
            digits = f"{number[:2]}9{place:07d}"
            meter = {"number": digits + luhn(digits), "kind": "STS", "resource": "electricity", "unit": "kWh"}
            account = {
                "number": number,
                "name": f"Newly Told {place}",
                "address": f"{900 + place} {json.loads(description)['streets'][0]}",
                "email": f"new.{code}.{place}@told.example",
                "phone": f"+2783555{place:04d}",
            }
            told = {"opened_on": opened_on, "language": "en", "status": "active"}
            installed = {"installed_at": f"{opened_on}T00:00:00.000Z", "removed_at": None}
            connection.execute("INSERT INTO accounts VALUES (?, ?, ?, 0)", (code, number, account["name"]))
            connection.execute(
                "INSERT INTO meters VALUES (?, ?, ?, ?, ?, ?, 0, 1, 1, NULL)",
                (code, meter["number"], number, meter["kind"], meter["resource"], meter["unit"]),
            )
            feeds.put(connection, code, "accounts", [(number, account | told)])
            feeds.put(connection, code, "meters", [(meter["number"], {"account": number} | meter | installed)])
    finally:
        store.close()
    return account | {"meter": meter["number"], "meter_kind": "STS"}
