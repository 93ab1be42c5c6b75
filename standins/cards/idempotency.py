"""Idempotency keys: what was answered to a key is answered to it again, for a day."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from standins.cards.errors import Refused

KEPT_FOR = 24 * 3600
LONGEST_KEY = 255


class UnderWay:
    """The keys that are being worked on. Safe to use from several threads."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def alone(self, account: str, key: str | None) -> Iterator[None]:
        """This will see that nobody else works on the key meanwhile. Raises Refused."""
        if key is None:
            yield
            return
        if not 1 <= len(key) <= LONGEST_KEY:
            raise Refused(400, "idempotency_error", f"Idempotency keys have at most {LONGEST_KEY} characters.")
        with self._lock:
            if (account, key) in self._keys:
                message = "There is currently another in-progress request using this Stripe-Idempotent-Key."
                raise Refused(409, "idempotency_error", message, code="idempotency_key_in_use")
            self._keys.add((account, key))
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard((account, key))


def hashed(method: str, path: str, body: bytes) -> bytes:
    """This will give what tells one request from another."""
    return hashlib.sha256(b"\n".join([method.encode(), path.encode(), body])).digest()


def kept(connection: sqlite3.Connection, account: str, key: str, asked: bytes, now: int) -> tuple[int, dict[str, Any]] | None:
    """This will give status and document of the first reply, or None. Raises Refused where another request had the key."""
    connection.execute("DELETE FROM replies WHERE at <= ?", (now - KEPT_FOR,))
    row = connection.execute("SELECT * FROM replies WHERE account = ? AND key = ?", (account, key)).fetchone()
    if row is None:
        return None
    if row["request_hash"] != asked:
        message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
        raise Refused(400, "idempotency_error", message)
    return row["status"], json.loads(row["body"])


def keep(
    connection: sqlite3.Connection, account: str, key: str, asked: bytes, now: int, status: int, document: dict[str, Any]
) -> None:
    """This will note a reply."""
    connection.execute(
        "INSERT INTO replies (account, key, request_hash, status, body, at) VALUES (?, ?, ?, ?, ?, ?)",
        (account, key, asked, status, json.dumps(document), now),
    )
