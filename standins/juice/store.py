"""What Juice keeps, and in which tables."""

from __future__ import annotations

from pathlib import Path

from standins.store import SqliteStore

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
CREATE TABLE IF NOT EXISTS utility_shares (
    utility TEXT, debt TEXT, share INTEGER NOT NULL, PRIMARY KEY (utility, debt)) WITHOUT ROWID;
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


class Store(SqliteStore):
    """The stand-in's tables, in one file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, SCHEMA)
