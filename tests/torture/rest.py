"""What must be so once all is quiet: nothing left over, nothing left out, and every read model what the log says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from cli.deployment import Utility, opened
from projections.rebuild import Differs, Rebuild
from projections.registry import all_projections
from tests.running import Running
from tests.torture.books import balances
from tests.torture.log import last_position
from vending.work import KINDS

PATIENCE_S = 120.0
TRIES = 5


async def quiet(portal: Running, codes: list[str]) -> list[str]:
    """This will wait until nothing is under way and every follower is at the log's end, and say what is not so in the end."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        left = [told for code in codes for told in _left(portal.dsn, code)]
        if not left or time.monotonic() > deadline:
            return left
        await asyncio.sleep(0.5)


def _left(dsn: str, code: str) -> Iterator[str]:
    with psycopg.connect(dsn) as connection:

        def rows(query: str) -> list[Any]:
            return connection.execute(sql.SQL(query).format(sql.Identifier(f"u_{code}"))).fetchall()

        for table in (kind.table for kind in KINDS):
            if (count := rows(f"SELECT count(*) FROM {{}}.{table}")[0][0]) > 0:
                yield f"{code}: {count} rows are left in {table}"
        if (count := rows("SELECT count(*) FROM {}.transit WHERE purpose = 'scratch-code'")[0][0]) > 0:
            yield f"{code}: {count} scratch codes are left in transit"
        for follower, aggregate, reason in rows("SELECT follower, originator_id, reason FROM {}.parked"):
            yield f"{code}: {follower} left out {aggregate}: {reason}"
        for name, position in rows(
            "SELECT name, position FROM {0}.tracking WHERE name NOT LIKE 'rebuild:%'"
            " AND position < (SELECT max(notification_id) FROM {0}.events)"
        ):
            yield f"{code}: the follower {name} stands at {position}"


async def read_models(portal: Running, codes: list[str]) -> list[str]:
    """This will fold every read model anew, and name each that differs from what stood there."""
    found = []
    async with opened(portal.settings, name="torture", connections=4) as deployment:
        for utility in deployment.utilities:
            if utility.code in codes:
                for projection in all_projections(utility.secrets.mac):
                    if not await _is_its_fold(portal.dsn, utility, projection):
                        found.append(f"{utility.code}: the read model {projection.name} is not what the log says")
    return found


async def _is_its_fold(dsn: str, utility: Utility, projection: Any) -> bool:
    """Where something is written meanwhile, the comparison says nothing: then it is made again."""
    for _ in range(TRIES):
        position = last_position(dsn, utility.code)
        await utility.views.reached(position, wait_s=PATIENCE_S)
        before = [_rows(dsn, utility.schema, table.name) for table in projection.tables]
        try:
            await Rebuild(dsn, utility.log, projection, lambda *_: None).run()
        except Differs:
            return False
        after = [_rows(dsn, utility.schema, table.name) for table in projection.tables]
        if before == after:
            return True
        if last_position(dsn, utility.code) == position:
            return False
    return False


def _rows(dsn: str, schema: str, table: str) -> Any:
    query = sql.SQL("SELECT coalesce(array_agg(row::text ORDER BY row::text), '{{}}') FROM {} AS row").format(
        sql.Identifier(schema, table)
    )
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def wallets(portal: Running, code: str) -> list[str]:
    """This will compare what customers see in their wallets with Juice's balances."""
    query = sql.SQL("SELECT number, wallet_balance FROM {}").format(sql.Identifier(f"u_{code}", "dashboard"))
    with psycopg.connect(portal.dsn) as connection:
        shown = dict(connection.execute(query).fetchall())
    at_juice = balances(portal.folder, code)
    return [
        f"{code}: a wallet shows {shown.get(number)}, and Juice says {balance}"
        for number, balance in at_juice.items()
        if shown.get(number) != balance
    ]


def codes_in_logs(folder: Path, cards: list[dict[str, Any]]) -> list[str]:
    """This will look for scratch codes in what the processes wrote."""
    written = "".join(path.read_text(errors="replace") for path in folder.glob("*.log"))
    return [f"the code of the card {card['serial']} stands in a log" for card in cards if card["code"] in written]
