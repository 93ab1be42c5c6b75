"""What was caught, kept over a kill."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    recipient TEXT NOT NULL,
    address_key TEXT NOT NULL,
    sender TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT,
    message_id TEXT NOT NULL,
    received_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_by_address ON messages (address_key, id);
CREATE INDEX IF NOT EXISTS messages_by_message_id ON messages (message_id, address_key, id);
CREATE UNIQUE INDEX IF NOT EXISTS an_sms_once ON messages (message_id) WHERE channel = 'sms';
"""
# A doubled mail is kept and marked: that a sender sent twice is something to see. A doubled SMS never gets in.
COLUMNS = """id, channel, recipient, sender, subject, text, html, message_id, received_at,
    message_id <> '' AND EXISTS (SELECT 1 FROM messages AS earlier WHERE earlier.message_id = messages.message_id
        AND earlier.address_key = messages.address_key AND earlier.id < messages.id) AS repeated"""


@dataclass(frozen=True)
class Caught:
    """One message as it reached one recipient; `repeated` where an earlier one has the same Message-ID."""

    id: int
    channel: str
    to: str
    sender: str
    subject: str
    text: str
    html: str | None
    message_id: str
    received_at: datetime
    repeated: bool = False


def address_key(to: str) -> str:
    """This will make spellings of one address alike: e-mail in lower case, a number's digits only."""
    return to.strip().lower() if "@" in to else "".join(filter(str.isdigit, to))


class Store:
    """The messages in one SQLite file. Safe to use from several threads; what was added is on the disk."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)

    def add(self, *, channel: str, to: str, sender: str, subject: str, text: str, html: str | None, message_id: str) -> None:
        """This will keep a message; an SMS whose id is known is left out."""
        received_at = self._clock().astimezone(UTC).isoformat(timespec="milliseconds")
        given = (channel, to, address_key(to), sender, subject, text, html, message_id, received_at)
        # Broken mail holds halves of characters, which SQLite would not take.
        values = [value and value.encode(errors="replace").decode() for value in given]
        with self._lock:
            self._db.execute(
                "INSERT OR IGNORE INTO messages (channel, recipient, address_key, sender, subject, text, html, message_id,"
                " received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def get(self, id: int) -> Caught | None:
        """This will give one message, or None."""
        rows = self._select("WHERE id = ?", (id,))
        return rows[0] if rows else None

    def since(self, after: int, to: str | None, limit: int) -> list[Caught]:
        """This will give what came after the id `after`, oldest first; `to` must match whole."""
        where, values = "WHERE id > ?", list[object]([after])
        if to is not None:
            where, values = where + " AND address_key = ?", [*values, address_key(to)]
        return self._select(f"{where} ORDER BY id LIMIT ?", (*values, limit))

    def newest(self, before: int | None, to: str | None, limit: int) -> list[Caught]:
        """This will give what came before the id `before`, newest first; a part of an address or number is enough."""
        where, values = "WHERE id < ?", list[object]([before if before is not None else 2**63 - 1])
        if to:
            part = to.strip().lower()
            digits = part.strip("+0123456789 -()") == "" and address_key(part)
            where += " AND instr(address_key, ?) > 0"
            values = [*values, digits or part]
        return self._select(f"{where} ORDER BY id DESC LIMIT ?", (*values, limit))

    def clear(self) -> None:
        """This will throw all messages away."""
        with self._lock:
            self._db.execute("DELETE FROM messages")

    def close(self) -> None:
        """This will close the file."""
        with self._lock:
            self._db.close()

    def _select(self, rest: str, values: tuple[object, ...]) -> list[Caught]:
        with self._lock:
            rows = self._db.execute(f"SELECT {COLUMNS} FROM messages {rest}", values).fetchall()  # noqa: S608 (constants only)
        return [_caught(*row) for row in rows]


def _caught(*row: Any) -> Caught:
    id, channel, to, sender, subject, text, html, message_id, received_at, repeated = row
    at = datetime.fromisoformat(received_at)
    return Caught(id, channel, to, sender, subject, text, html, message_id, at, bool(repeated))
