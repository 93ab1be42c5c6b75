"""Contestant: Seed's follower and projector catch up with the log, for the dashboard alone or for every read model there is."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from psycopg.sql import SQL, Identifier

from benchmarks import wallets
from benchmarks.contestant import Told, contest_in_loop, task, told
from benchmarks.seed.dashboards import caught_up, filled, put_back
from benchmarks.seed.wallet_commands import utility
from projections.dashboard import DashboardProjection
from projections.projection import Projection
from projections.registry import all_projections
from tests.utility import OpenUtility


async def main(asked: dict[str, Any]) -> None:
    """This will fill the log where nobody has, and catch up from the same place whenever it is asked to."""
    async with utility(asked["dsn"]) as opened:
        everything = all_projections(opened.secrets.mac)
        if not await is_filled(opened):
            await filled(opened, everything, asked["accounts"], asked["events"])
        projections: list[Projection] = [DashboardProjection()] if asked["what"] == "dashboard" else everything

        async def work() -> Told:
            async with opened.pool.connection() as connection:
                await put_back(connection, opened.schema, everything)
            began = time.perf_counter()
            await caught_up(opened, projections)
            took = time.perf_counter() - began
            await check(opened, asked["events"])
            return told((), took, asked["events"])

        await contest_in_loop(work)


async def is_filled(opened: OpenUtility) -> bool:
    """This will say whether another contestant has filled the log."""
    query = SQL("SELECT EXISTS (SELECT FROM {})").format(Identifier(opened.schema, "events"))
    async with opened.pool.connection() as connection:
        return (await (await connection.execute(query)).fetchall())[0] == (True,)


async def check(opened: OpenUtility, events: int) -> None:
    """This will see that the dashboards hold all the money. Raises AssertionError."""
    query = SQL("SELECT sum(wallet_balance)::bigint FROM {}").format(Identifier(opened.schema, "dashboard"))
    async with opened.pool.connection() as connection:
        row = await (await connection.execute(query)).fetchone()
    if row is None or row[0] != events * wallets.RECEIPT["wallet_change"]:
        raise AssertionError(f"the dashboards hold {row}")


if __name__ == "__main__":
    asyncio.run(main(task()))
