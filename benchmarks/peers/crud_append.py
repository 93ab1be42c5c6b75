"""Contestant: no events at all: a row that is changed, and a row in an audit table beside it."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable
from typing import Any

from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from benchmarks import wallets
from benchmarks.contestant import Told, contest, in_threads, task

TABLES = (
    "CREATE TABLE wallet (id uuid PRIMARY KEY, account_id uuid NOT NULL, currency text NOT NULL, balance bigint NOT NULL,"
    " transactions bigint NOT NULL)",
    "CREATE TABLE audit (id bigserial PRIMARY KEY, wallet_id uuid NOT NULL REFERENCES wallet, kind text NOT NULL,"
    " at timestamptz NOT NULL DEFAULT now(), data jsonb NOT NULL)",
    "CREATE INDEX ON audit (wallet_id)",
)
AUDITED = "INSERT INTO audit (wallet_id, kind, data) VALUES (%s, %s, %s)"


def create(pool: ConnectionPool) -> None:
    """This will open a wallet."""
    wallet_id, told = uuid.uuid4(), wallets.opened()
    with pool.connection() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO wallet VALUES (%s, %s, %s, 0, 0)", (wallet_id, told["account_id"], told["currency"]), prepare=True
        )
        connection.execute(AUDITED, (wallet_id, "opened", Jsonb(told)), prepare=True)


def take(pool: ConnectionPool, wallet_id: uuid.UUID) -> None:
    """This will take a transaction into a wallet."""
    told = wallets.moved()
    with pool.connection() as connection, connection.transaction():
        connection.execute(
            "UPDATE wallet SET balance = balance + %s, transactions = transactions + 1 WHERE id = %s AND currency = %s",
            (told["receipt"]["wallet_change"], wallet_id, told["receipt"]["currency"]),
            prepare=True,
        )
        connection.execute(AUDITED, (wallet_id, "transaction", Jsonb(told)), prepare=True)


def command(pool: ConnectionPool, asked: dict[str, Any]) -> Callable[[], None]:
    """This will make the tables and the wallets, and give the command that is measured."""
    with pool.connection() as connection:
        for statement in TABLES:
            connection.execute(statement)
        if asked["work"] == "create":
            return lambda: create(pool)
        ids = [uuid.uuid4() for _ in range(asked["wallets"])]
        audited = json.dumps(wallets.moved())
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO wallet VALUES (%s, %s, %s, 0, %s)",
                [(each, uuid.uuid4(), wallets.CURRENCY, asked["events"]) for each in ids],
            )
            cursor.execute(
                "INSERT INTO audit (wallet_id, kind, data)"
                " SELECT id, 'transaction', %s::jsonb FROM wallet, generate_series(1, %s)",
                (audited, asked["events"]),
            )
    return lambda: take(pool, random.choice(ids))  # noqa: S311 (which wallet, no secret)


def main(asked: dict[str, Any]) -> None:
    """This will append whenever it is asked to."""
    with ConnectionPool(asked["dsn"], min_size=1, max_size=asked["connections"], kwargs={"autocommit": True}) as pool:
        measured = command(pool, asked)

        def work(seconds: float = asked["seconds"]) -> Told:
            return in_threads(measured, asked["callers"], seconds)

        work(asked["warm_up_s"])
        contest(work)


if __name__ == "__main__":
    main(task())
