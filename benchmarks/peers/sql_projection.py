"""Contestant: the same dashboards by SQL alone, a batch at a time: what no program that reads events can be faster than.

It cannot open what is sealed, so it does what moves money only, on rows that are there already.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from psycopg.sql import SQL, Identifier

from benchmarks.contestant import Told, contest_in_loop, task, told
from benchmarks.seed.dashboards import put_back
from benchmarks.seed.projection import check
from benchmarks.seed.wallet_commands import CODE
from projections.projector import TRACKED_AS
from projections.registry import all_projections
from tests.utility import OpenUtility, opened

PROJECT = SQL(
    "UPDATE {dashboard} AS known SET wallet_balance = known.wallet_balance + moved.change, position = moved.position"
    " FROM (SELECT (event->>'account_id')::uuid AS account_id, sum((event->'receipt'->>'wallet_change')::bigint) AS change,"
    " max(notification_id) AS position"
    " FROM (SELECT notification_id, convert_from(state, 'UTF8')::jsonb AS event FROM {events}"
    " WHERE notification_id > %s AND notification_id <= %s) AS batch GROUP BY 1) AS moved"
    " WHERE known.account_id = moved.account_id"
)
ADVANCE = SQL("UPDATE {tracking} SET position = %s WHERE name = %s")
WHERE = SQL("SELECT position FROM {tracking} WHERE name = %s")
END = SQL("SELECT max(notification_id) FROM {events}")


async def project(of: OpenUtility, batch: int) -> None:
    """This will take batches up to the end of the log, each in one transaction with its position."""
    names = {name: Identifier(of.schema, name) for name in ("dashboard", "events", "tracking")}
    async with of.pool.connection() as connection:
        [(position,)] = await (await connection.execute(WHERE.format(**names), [TRACKED_AS])).fetchall()
        [(end,)] = await (await connection.execute(END.format(**names))).fetchall()
        for start in range(position, end, batch):
            upto = min(start + batch, end)
            async with connection.pipeline(), connection.transaction():
                await connection.execute(PROJECT.format(**names), (start, upto), prepare=True)
                await connection.execute(ADVANCE.format(**names), (upto, TRACKED_AS), prepare=True)


async def main(asked: dict[str, Any]) -> None:
    """This will catch up with the log that Seed's contestant filled, whenever it is asked to."""
    async with opened(asked["dsn"], CODE) as of:
        everything = all_projections(of.secrets.mac)

        async def work() -> Told:
            async with of.pool.connection() as connection:
                await put_back(connection, of.schema, everything)
            began = time.perf_counter()
            await project(of, asked["batch"])
            took = time.perf_counter() - began
            await check(of, asked["events"])
            return told((), took, asked["events"])

        await contest_in_loop(work)


if __name__ == "__main__":
    asyncio.run(main(task()))
