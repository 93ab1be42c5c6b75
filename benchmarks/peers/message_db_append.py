"""Contestant: message-db, an event store of functions in PostgreSQL, called through psycopg."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool

from benchmarks import wallets
from benchmarks.contestant import Told, contest, in_threads, task

SCHEMA = ("schema", "tables", "types")
FUNCTIONS = (
    *("message-store-version", "hash-64", "acquire-lock", "category", "is-category", "id", "cardinal-id", "stream-version"),
    *("write-message", "get-stream-messages", "get-category-messages", "get-last-stream-message"),
)
INDEXES = ("messages-id", "messages-stream", "messages-category")
WRITE = "SELECT write_message(%s::varchar, %s::varchar, %s::varchar, %s::jsonb, NULL, %s::bigint)"
NO_STREAM = -1


def install(dsn: str, package: Path) -> None:
    """This will do as its install.sh does, without its extension: gen_random_uuid is PostgreSQL's own by now."""
    files = [path for folder in SCHEMA for path in sorted((package / "database" / folder).glob("*.sql"))]
    files += [package / "database" / "functions" / f"{name}.sql" for name in FUNCTIONS]
    files += [package / "database" / "indexes" / f"{name}.sql" for name in INDEXES]
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS message_store"))
        connection.execute("SET search_path = message_store, public")
        for path in files:
            connection.execute(path.read_bytes().replace(b" CONCURRENTLY", b""))


def main(asked: dict[str, Any]) -> None:
    """This will append whenever it is asked to."""
    install(asked["dsn"], Path(asked["node"]) / "node_modules" / "@eventide" / "message-db")
    options = {"autocommit": True, "options": "-c search_path=message_store,public"}
    with ConnectionPool(asked["dsn"], min_size=1, max_size=asked["connections"], kwargs=options) as pool:

        def create() -> None:
            stream = f"wallet-{uuid.uuid4()}"
            values = (str(uuid.uuid4()), stream, "WalletOpened", json.dumps(wallets.opened()), NO_STREAM)
            with pool.connection() as connection:
                connection.execute(WRITE, values, prepare=True)

        def work(seconds: float = asked["seconds"]) -> Told:
            return in_threads(create, asked["callers"], seconds)

        work(asked["warm_up_s"])
        contest(work)


if __name__ == "__main__":
    main(task())
