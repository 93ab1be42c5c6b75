"""Run as a program: what a log of many events costs, beside a small one. `python -m benchmarks.growth --events 10000000`

Each log holds wallets of 20 events, written in the order of time: every wallet's first event, every wallet's second … Beside
it stand the dashboards and transactions of the accounts. Measured are loads, dashboards, the
projector at the log's end and commands, round by round on both, and then bytes.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, LiteralString, NamedTuple
from uuid import UUID, uuid4

import click
import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Composable, Identifier, Literal

from benchmarks.contestant import in_flight
from benchmarks.seed.dashboards import caught_up, filled
from benchmarks.seed.wallet_commands import WalletCommands, context, randomly, receipt, utility
from domain.wallet import Wallet
from eventlog import codec
from projections.activity import ActivityProjection
from projections.dashboard import DashboardProjection
from projections.projector import TRACKED_AS
from projections.registry import all_projections
from tests.pg import served
from tests.utility import OpenUtility

EACH = 20
"""Events of a wallet."""

SMALL = 10_000
ROUNDS = 3
SECONDS = 4.0
FOLLOWED = 10_000
"""Events that the projector takes in each round."""

OWN = 2000
"""Wallets that commands are given to, of both logs alike: some of them are kept in the process."""

CHOSEN = 20_000
"""Wallets among which those that are measured are chosen: so many that few of their pages are read twice."""

OF_EACH = {
    "account_id": SQL("account"),
    "position": SQL("1000 + nth"),
    "happened_at": SQL("now() - nth * interval '2 days'"),
    "juice_number": SQL("md5(account::text || nth)"),
}
"""Columns of read models that differ from row to row; the others are those of one row that was projected."""


class Grown(NamedTuple):
    """One log, some of the wallets and accounts in it, and wallets of its `own` that commands are given to."""

    opened: OpenUtility
    wallets: Sequence[UUID]
    accounts: Sequence[UUID]
    own: Sequence[UUID]


async def grown(opened: OpenUtility, events: int) -> Grown:
    """This will write the log and the rows of dashboard and activity."""
    await filled(opened, all_projections(opened.secrets.mac), 1, 1)
    await caught_up(opened, all_projections(opened.secrets.mac))
    async with opened.pool.connection() as connection:

        async def do(text: LiteralString, **names: Composable) -> Any:
            tables = {name: Identifier(opened.schema, name) for name in ("events", "dashboard", "activity", "tracking", "ids")}
            return await connection.execute(SQL(text).format(**tables, **names))

        await do(
            "CREATE TABLE {ids} AS SELECT uuidv7() AS wallet, uuidv7() AS account FROM generate_series(1, {count})",
            count=Literal(events // EACH),
        )
        for version in range(1, EACH + 1):
            event = _templates()[min(version, 2) - 1]
            text = codec.encode(event, None, os.urandom).decode()
            marks = {
                str(event.originator_id): SQL("wallet::text"),
                str(event.account_id): SQL("account::text"),
                f'"originator_version":{event.originator_version}': Literal(f'"originator_version":{version}'),
                getattr(getattr(event, "receipt", None), "juice_number", "-") or "-": SQL("md5(wallet::text || {})").format(
                    Literal(str(version))
                ),
            }
            state: Composable = Literal(text)
            for mark, put in marks.items():
                if mark != "-":
                    state = SQL("replace({}, {}, {})").format(state, Literal(mark), put)
            await do(
                "INSERT INTO {events} (originator_id, originator_version, topic, state)"
                " SELECT wallet, {version}, {topic}, convert_to({state}, 'UTF8') FROM {ids}",
                version=Literal(version),
                topic=Literal(event.TOPIC),
                state=state,
            )
        for read_model, each in ((DashboardProjection.tables[0], 1), (ActivityProjection.tables[0], EACH - 1)):
            await do(
                "INSERT INTO {table} SELECT {columns} FROM {table} AS template, generate_series(1, {each}) AS nth, {ids}",
                table=Identifier(opened.schema, read_model.name),
                each=Literal(each),
                columns=SQL(", ").join(OF_EACH.get(c.name, Identifier("template", c.name)) for c in read_model.columns),
            )
        await do(
            "UPDATE {tracking} SET position = (SELECT max(notification_id) FROM {events}) WHERE name = {name}",
            name=Literal(TRACKED_AS),
        )
        some = await do("SELECT wallet, account FROM {ids} ORDER BY random() LIMIT {some}", some=Literal(CHOSEN))
        rows = await some.fetchall()
        await do("DROP TABLE {ids}")
        for table in ("events", "dashboard", "activity"):
            await do("VACUUM (ANALYZE) {table}", table=Identifier(opened.schema, table))
        await connection.execute("CHECKPOINT")
    given = WalletCommands(opened, keyed=False)
    own: list[UUID] = []
    for _ in range(0, OWN, 100):
        own += await asyncio.gather(*(given.fill(EACH) for _ in range(100)))
    wallets, accounts = zip(*rows, strict=True)
    return Grown(opened, wallets, accounts, own)


def _templates() -> tuple[Any, Any]:
    wallet = Wallet(uuid4())
    wallet.open(context(), account_id=uuid4(), currency="ZAR")
    wallet.take_transaction(context(), kind="Cash", receipt=receipt())
    opened, taken = wallet.collect_events()
    return opened, taken


async def loads(log: Grown) -> float:
    """This will give the milliseconds of one load of 20 events, of 64 in flight."""
    return await _each(lambda: log.opened.log.load(randomly(log.wallets)), 64)


async def dashboards(log: Grown) -> float:
    """This will give the milliseconds in which the rows of one dashboard are read, of 32 in flight."""
    now = context().at

    async def read() -> object:
        return await log.opened.views.glance.of(randomly(log.accounts), since=now - timedelta(days=90), now=now)

    return await _each(read, 32)


async def commands(log: Grown) -> float:
    """This will give the milliseconds of one command, of 64 in flight."""
    given = WalletCommands(log.opened, keyed=True)
    return await _each(lambda: given.take(randomly(log.own)), 64)


async def following(log: Grown) -> float:
    """This will give the milliseconds that an event takes all read models; as many rows change in either log."""
    projections = all_projections(log.opened.secrets.mac)
    await caught_up(log.opened, projections)
    given = WalletCommands(log.opened, keyed=False)
    for _ in range(0, FOLLOWED, 500):
        await asyncio.gather(*(given.take(randomly(log.wallets[: SMALL // EACH])) for _ in range(500)))
    began = time.perf_counter()
    await caught_up(log.opened, projections)
    return 1000 * (time.perf_counter() - began) / FOLLOWED


MEASURED: dict[str, Callable[[Grown], Awaitable[float]]] = {
    "load": loads,
    "dashboard": dashboards,
    "following": following,
    "command": commands,
}


async def _each(command: Callable[[], Awaitable[object]], callers: int) -> float:
    told = await in_flight(command, callers, SECONDS)
    return 1000 * told["seconds"] / told["count"]


def sizes(dsn: str, schema: str) -> list[tuple[str, int, int]]:
    """This will give the rows and bytes of tables and indexes, the largest first."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT relname, greatest(reltuples, 0)::bigint, pg_relation_size(oid) FROM pg_class"
            " WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'i') AND relname ~ '^(events|dashboard|activity)'"
            " ORDER BY 3 DESC",
            [schema],
        ).fetchall()


async def compared(dsns: dict[str, str], counts: dict[str, int]) -> dict[str, dict[str, float]]:
    """This will make both logs and measure them in turns, and give the medians."""
    async with AsyncExitStack() as stack:
        logs = {}
        for name, dsn in dsns.items():
            began = time.perf_counter()
            logs[name] = await grown(await stack.enter_async_context(utility(dsn)), counts[name])
            click.echo(f"{name}: {counts[name]} events are there after {time.perf_counter() - began:.0f} s")
        found: dict[str, dict[str, float]] = {}
        for what, measure in MEASURED.items():
            rounds: dict[str, list[float]] = {name: [] for name in logs}
            for number in range(ROUNDS):
                for name in list(logs)[:: 1 if number % 2 else -1]:
                    rounds[name].append(await measure(logs[name]))
            found[what] = {name: statistics.median(values) for name, values in rounds.items()}
            small, large = found[what]["small"], found[what]["large"]
            click.echo(f"{what}: {large:.3f} ms, small {small:.3f}, ratio {large / small:.2f}  {rounds}")
        return found


@click.command()
@click.option("--events", type=click.IntRange(min=SMALL), default=10_000_000)
def main(events: int) -> None:
    """Measure a log of so many events beside one of 10,000."""
    with tempfile.TemporaryDirectory(prefix="seed-growth-") as folder, served(Path(folder), durable=True) as server:
        counts = {"small": SMALL, "large": events}
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            for name in counts:
                connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        dsns = {name: make_conninfo(server.dsn, dbname=name) for name in counts}
        asyncio.run(compared(dsns, counts))
        for name, rows, size in sizes(dsns["large"], "u_bench"):
            click.echo(f"{name}: {size / 2**20:,.0f} MiB" + (f", {size / rows:.0f} bytes a row" if rows else ""))


if __name__ == "__main__":
    main()
