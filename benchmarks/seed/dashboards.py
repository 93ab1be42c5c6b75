"""A log to catch up with: accounts that have their dashboards already, and then so many transactions, spread over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString
from uuid import uuid4

from psycopg import AsyncConnection
from psycopg.sql import SQL, Composed, Identifier

from benchmarks.seed.wallet_commands import context, receipt
from benchmarks.wallets import CURRENCY
from domain.account import Account
from domain.event import Event
from domain.records import AccountKeyCreated
from domain.wallet import Wallet
from eventlog.follower import Follower
from eventlog.log import EventLog
from projections.projection import Place, Projection
from projections.projector import TRACKED_AS, Projector
from tests.utility import OpenUtility

TOGETHER = 500
"""Events of one append while the log is filled."""

START = "__start"
"""Suffix of the copies that hold each table as it was when the accounts were open."""


async def filled(opened: OpenUtility, projections: Sequence[Projection], accounts: int, events: int) -> None:
    """This will open the accounts, keep the read models of that, and append the transactions."""
    wallets = await with_wallets(opened.log, accounts)
    await caught_up(opened, projections)
    async with opened.pool.connection() as connection:
        for table in _tables(projections):
            await connection.execute(_named("CREATE TABLE {copy} AS TABLE {table}", opened.schema, table))
    await transact(opened.log, wallets, events)
    async with opened.pool.connection() as connection:
        await connection.execute(_named("VACUUM ANALYZE {table}", opened.schema, "events"))


async def with_wallets(log: EventLog, accounts: int) -> list[Wallet]:
    """This will open so many accounts, and give their wallets."""
    wallets = []
    for start in range(0, accounts, TOGETHER):
        wallets += await _accounts(log, range(start, min(start + TOGETHER, accounts)))
    return wallets


async def transact(log: EventLog, wallets: Sequence[Wallet], events: int) -> None:
    """This will take so many transactions, one wallet after another, and again from the first."""
    for start in range(0, events, TOGETHER):
        taken: list[Event] = []
        for number in range(start, min(start + TOGETHER, events)):
            wallet = wallets[number % len(wallets)]
            wallet.take_transaction(context(), kind="Cash", receipt=receipt())
            taken += wallet.collect_events()
        await log.append(taken)


async def _accounts(log: EventLog, numbers: range) -> list[Wallet]:
    accounts, made, now = [], [], context()
    for number in numbers:
        account, wallet = Account(uuid4()), Wallet(uuid4())
        account.open(
            now, number=f"{number:08}", name=f"Person {number}", address=f"{number} Road", language="en", wallet_id=wallet.id
        )
        wallet.open(now, account_id=account.id, currency=CURRENCY)
        accounts.append(account)
        made.append(wallet)
    keys = [AccountKeyCreated(account_id=account.id) for account in accounts]
    await log.append([event for each in (*accounts, *made) for event in each.collect_events()], keys)
    return made


async def caught_up(opened: OpenUtility, projections: Sequence[Projection]) -> int:
    """This will have the projections follow the log to its end, and give the position there."""
    projector = Projector(projections, Place(opened.schema))
    return await Follower(opened.dsn, opened.log, TRACKED_AS, projector.apply, waits_for_disk=False).catch_up()


async def put_back(connection: AsyncConnection, schema: str, projections: Sequence[Projection]) -> None:
    """This will make the read models what they were when the accounts were open."""
    for table in _tables(projections):
        await connection.execute(_named("TRUNCATE {table}", schema, table))
        await connection.execute(_named("INSERT INTO {table} TABLE {copy}", schema, table))
        await connection.execute(_named("ANALYZE {table}", schema, table))


def _tables(projections: Sequence[Projection]) -> list[str]:
    return ["tracking", *(table.name for projection in projections for table in projection.tables)]


def _named(text: LiteralString, schema: str, table: str) -> Composed:
    return SQL(text).format(table=Identifier(schema, table), copy=Identifier(schema, table + START))
