"""Webhooks: each event is posted, signed, to its account's address until that takes it."""

from __future__ import annotations

import hmac
import http.client
import json
import threading
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from standins.cards.store import Store

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds until an event is posted again, doubled each time."""

MOST_ATTEMPTS = 900
"""About three days."""

PATIENCE = 10.0
LOOK_EVERY = 0.5


def signature(secret: str, body: bytes, at: int) -> str:
    """This will sign a body as of a moment."""
    return f"t={at},v1={hmac.new(secret.encode(), str(at).encode() + b'.' + body, sha256).hexdigest()}"


class Postman:
    """Posts what is due, one after the other, on a thread of its own."""

    def __init__(self, store: Store, clock: Callable[[], float], chores: Callable[[], Any]) -> None:
        self._store = store
        self._clock = clock
        self._chores = chores
        self._wake = threading.Event()
        self._stop = threading.Event()

    def run(self) -> None:
        """This will work until it is stopped; `chores` are done between rounds."""
        while not self._stop.is_set():
            self._chores()
            while not self._stop.is_set() and self._post_one():
                pass
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()

    def wake(self) -> None:
        """This will have it look at once."""
        self._wake.set()

    def stop(self) -> None:
        """This will end the work after the event that is being posted."""
        self._stop.set()
        self._wake.set()

    def release(self, *, is_reversed: bool) -> int:
        """This will let go what is held back, in the order in which it happened or the other way round."""
        with self._store.writing() as connection:
            rows = connection.execute("SELECT id FROM deliveries WHERE due IS NULL ORDER BY id").fetchall()
            now = self._clock()
            for place, row in enumerate(reversed(rows) if is_reversed else rows):
                connection.execute("UPDATE deliveries SET due = ? WHERE id = ?", (now - 1 + place / 1e5, row["id"]))
        self.wake()
        return len(rows)

    def _post_one(self) -> bool:
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT d.id, d.attempts, o.body, a.webhook_url, a.webhook_secret FROM deliveries d"
                " JOIN objects o ON o.id = d.event JOIN accounts a ON a.code = d.account"
                " WHERE d.due <= ? ORDER BY d.due, d.id LIMIT 1",
                (self._clock(),),
            ).fetchone()
        if row is None:
            return False
        is_taken = self._post(row["webhook_url"], row["webhook_secret"], json.loads(row["body"]))
        with self._store.writing() as connection:
            if is_taken or row["attempts"] + 1 >= MOST_ATTEMPTS:
                connection.execute("DELETE FROM deliveries WHERE id = ?", (row["id"],))
            else:
                wait = min(FIRST_WAIT * 2 ** min(row["attempts"], 20), LONGEST_WAIT)
                connection.execute(
                    "UPDATE deliveries SET due = ?, attempts = attempts + 1 WHERE id = ?", (self._clock() + wait, row["id"])
                )
        return True

    def _post(self, url: str, secret: str, event: dict[str, Any]) -> bool:
        parts, body = urlsplit(url), json.dumps(event).encode()
        headers = {
            "Host": parts.netloc,
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(secret, body, int(self._clock())),
            "User-Agent": "Stripe/1.0 (stand-in)",
        }
        # A name below localhost is this machine, whatever the resolver knows of it (RFC 6761).
        host = "127.0.0.1" if (parts.hostname or "").endswith("localhost") else str(parts.hostname)
        connection = http.client.HTTPConnection(host, parts.port or 80, timeout=PATIENCE)
        try:
            connection.request("POST", parts.path or "/", body, headers)
            return 200 <= connection.getresponse().status < 300
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
