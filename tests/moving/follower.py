"""A follower that notes every event it is given: `python -m tests.moving.follower HOME`.

It notes them in the table `seen` beside the log, in the transaction of its tracking, so that a move takes it along.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncCursor

from eventlog.addresses import Address
from eventlog.follower import Follower, Recorded
from eventlog.pool import make_pool
from tests.eventlog.scenes import log_of, secrets
from tests.pg import UTILITY_SCHEMA

NAME = "noting"


async def write(cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
    """This will note positions; it counts how often each one came."""
    await cursor.execute(
        f"INSERT INTO {UTILITY_SCHEMA}.seen AS known (position, times) SELECT position, 1 FROM unnest(%s::bigint[]) AS position"
        " ON CONFLICT (position) DO UPDATE SET times = known.times + 1",
        [[recorded.position for recorded in batch]],
    )


async def main(home: str) -> None:
    """This will follow for ever."""
    async with make_pool(home, size=2) as control:
        address = Address(control, home, "test", UTILITY_SCHEMA, secrets())
        async with address.pool(name="seed follower") as pool:
            print("begun", flush=True)
            await Follower(address, log_of(pool), NAME, write).run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
