"""Contestant: Seed appends, so many commands in flight in one process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from psycopg.sql import SQL, Identifier

from benchmarks import wallets
from benchmarks.contestant import Told, contest_in_loop, in_flight, task
from benchmarks.seed.wallet_commands import WalletCommands, context, randomly, utility
from domain.wallet import Wallet
from eventlog import codec
from tests.utility import OpenUtility

FILLED_TOGETHER = 100
PREFILLED_TOGETHER = 500_000


async def main(asked: dict[str, Any]) -> None:
    """This will make the wallets, and append whenever it is asked to."""
    async with utility(asked["dsn"]) as opened:
        await prefill(opened, asked.get("prefilled", 0))
        commands = WalletCommands(opened, keyed=asked["keyed"])
        command = await prepared(commands, asked)
        await in_flight(command, asked["callers"], asked["warm_up_s"])

        async def work() -> Told:
            return await in_flight(command, asked["callers"], asked["seconds"])

        await contest_in_loop(work)


async def prefill(opened: OpenUtility, events: int) -> None:
    """This will have so many events of other wallets in the log first, all alike but for their ids."""
    now = context()
    wallet = Wallet(opened.portal.new_id(now))
    wallet.open(now, account_id=uuid4(), currency=wallets.CURRENCY)
    (event,) = wallet.collect_events()
    query = SQL(
        "INSERT INTO {} (originator_id, originator_version, topic, state)"
        " SELECT gen_random_uuid(), 1, %s, %s FROM generate_series(1, %s)"
    ).format(Identifier(opened.schema, "events"))
    async with opened.pool.connection() as connection:
        for start in range(0, events, PREFILLED_TOGETHER):
            count = min(PREFILLED_TOGETHER, events - start)
            await connection.execute(query, (event.TOPIC, codec.encode(event, None, os.urandom), count))
        await connection.execute(SQL("VACUUM ANALYZE {}").format(Identifier(opened.schema, "events")))


async def prepared(commands: WalletCommands, asked: dict[str, Any]) -> Callable[[], Awaitable[object]]:
    """This will fill as many wallets with as many events as the task says, and give the command that is measured.

    `others` are wallets of ten events that are only there: PostgreSQL reads a log of a single aggregate from end to end.
    """
    if asked["work"] == "create":
        return commands.create
    await filled(commands, asked.get("others", 0), 10)
    ids = await filled(commands, asked["wallets"], asked["events"])
    return lambda: commands.take(randomly(ids))


async def filled(commands: WalletCommands, wallets: int, events: int) -> list[UUID]:
    """This will make so many wallets of so many events each."""
    ids: list[UUID] = []
    for start in range(0, wallets, FILLED_TOGETHER):
        some = range(start, min(start + FILLED_TOGETHER, wallets))
        ids += await asyncio.gather(*(commands.fill(events) for _ in some))
    return ids


if __name__ == "__main__":
    asyncio.run(main(task()))
