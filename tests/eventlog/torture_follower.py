"""A follower that notes every position it is given, until it is killed: `python -m tests.eventlog.torture_follower DSN`.

Beside another of its name it stands by. It prints a line once it has begun.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncCursor

from eventlog.follower import Follower, Recorded
from eventlog.pool import make_pool
from tests.eventlog.scenes import log_of

NAME = "torture"


async def write(cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
    """This will note positions in the table `seen`, which refuses none that comes twice."""
    async with cursor.copy("COPY seen (position) FROM STDIN") as copy:
        for recorded in batch:
            await copy.write_row((recorded.position,))


async def main(dsn: str) -> None:
    """This will follow for ever."""
    async with make_pool(dsn) as pool:
        print("begun", flush=True)
        await Follower(dsn, log_of(pool), NAME, write).run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
