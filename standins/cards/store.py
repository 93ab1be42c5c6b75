"""What the provider keeps, and in which tables."""

from __future__ import annotations

from pathlib import Path

from standins.store import SqliteStore

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    code TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, webhook_secret TEXT NOT NULL, webhook_url TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, kind TEXT NOT NULL,
    created INTEGER NOT NULL, due INTEGER, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_listed ON objects (account, kind, created, place);
CREATE INDEX IF NOT EXISTS objects_due ON objects (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS replies (
    account TEXT, key TEXT, request_hash BLOB NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (account, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, account TEXT NOT NULL, due REAL, attempts INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due, id);
UPDATE objects SET body = json_set(body, '$.disputed', json('false')) WHERE kind = 'charge' AND body ->> 'disputed' IS NULL;
"""
"""A delivery whose `due` is null is held back; one that has been made is gone. Charges that a former version kept say
nothing of disputes.
"""


class Store(SqliteStore):
    """The stand-in's tables, in one file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, SCHEMA)
