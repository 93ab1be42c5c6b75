"""One account's objects within one transaction: kept as Stripe writes them, with the moment at which each changes by itself."""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
from dataclasses import dataclass
from typing import Any

from standins.cards.errors import missing
from standins.cards.faults import Faults

LETTERS = string.ascii_letters + string.digits
PREFIX = {
    "checkout.session": "cs_test_",
    "payment_intent": "pi_3",
    "charge": "ch_3",
    "refund": "re_3",
    "dispute": "du_1",
    "event": "evt_1",
}
API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class Books:
    """`now` is in whole seconds, like every time of Stripe's."""

    connection: sqlite3.Connection
    account: str
    now: int
    faults: Faults

    def new(self, kind: str, **fields: Any) -> dict[str, Any]:
        """This will begin an object; it is kept once it is `put`."""
        id = PREFIX[kind] + "".join(secrets.choice(LETTERS) for _ in range(24))
        return {"id": id, "object": kind, "created": self.now, "livemode": False, **fields}

    def put(self, thing: dict[str, Any], *, due: int | None = None) -> None:
        """This will keep an object as it is now; at `due` it changes by itself."""
        self.connection.execute(
            "INSERT INTO objects (id, account, kind, created, due, body) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET due = excluded.due, body = excluded.body",
            (thing["id"], self.account, thing["object"], thing["created"], due, json.dumps(thing)),
        )

    def get(self, kind: str, id: str) -> dict[str, Any]:
        """This will give an object. Raises Refused."""
        row = self.connection.execute(
            "SELECT body FROM objects WHERE id = ? AND account = ? AND kind = ?", (id, self.account, kind)
        ).fetchone()
        if row is None:
            raise missing(kind, id[:80])
        found: dict[str, Any] = json.loads(row["body"])
        return found

    def tell(self, type: str, about: dict[str, Any]) -> None:
        """This will record an event, and have it posted to the account's webhook address."""
        event = self.new("event", type=type, api_version=API_VERSION, data={"object": about}, pending_webhooks=1, request=None)
        self.put(event)
        for due in self.faults.webhook_times(self.account, float(self.now)):
            self.connection.execute(
                "INSERT INTO deliveries (event, account, due, attempts) VALUES (?, ?, ?, 0)", (event["id"], self.account, due)
            )
