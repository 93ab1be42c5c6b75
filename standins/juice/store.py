"""Where the stand-in keeps what it knows: one SQLite file, written through to the disk before anything is answered."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS utilities (
    code TEXT PRIMARY KEY, client_key TEXT NOT NULL, description TEXT NOT NULL, tariff TEXT NOT NULL, vending_key BLOB NOT NULL,
    supply_group TEXT NOT NULL, last_transaction INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (
    utility TEXT, number TEXT, name TEXT NOT NULL, wallet_balance INTEGER NOT NULL, PRIMARY KEY (utility, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meters (
    utility TEXT, number TEXT, account TEXT NOT NULL, kind TEXT NOT NULL, resource TEXT NOT NULL, unit TEXT NOT NULL,
    blocked INTEGER NOT NULL, key_revision INTEGER NOT NULL, next_revision INTEGER NOT NULL, last_identifier INTEGER,
    PRIMARY KEY (utility, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS meters_of_account ON meters (utility, account);
CREATE TABLE IF NOT EXISTS debts (
    utility TEXT, id TEXT, account TEXT NOT NULL, description TEXT NOT NULL, balance INTEGER NOT NULL, original INTEGER NOT NULL,
    share INTEGER NOT NULL, plan TEXT NOT NULL, opened_on TEXT NOT NULL, PRIMARY KEY (utility, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS debts_of_account ON debts (utility, account);
CREATE TABLE IF NOT EXISTS cards (
    utility TEXT, serial TEXT, code TEXT NOT NULL, amount INTEGER NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (utility, serial)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS replies (
    utility TEXT, message_id TEXT, request_hash BLOB NOT NULL, reply TEXT NOT NULL,
    PRIMARY KEY (utility, message_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feed_items (
    change INTEGER PRIMARY KEY AUTOINCREMENT, utility TEXT NOT NULL, feed TEXT NOT NULL, key TEXT NOT NULL, item TEXT NOT NULL,
    UNIQUE (utility, feed, key));
CREATE INDEX IF NOT EXISTS feed_order ON feed_items (utility, feed, change);
"""


class Store:
    """One connection, used by one thread at a time. Safe to call from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        # What was answered must outlive a power cut, not only a kill.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This will lend the connection for queries that belong together."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """This will lend the connection for one transaction: all of it is on the disk afterwards, or nothing."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """This will close the file."""
        with self._lock:
            self._connection.close()
