"""A process of writers that append as fast as they can: `python -m tests.moving.writer HOME WRITERS FILE`.

It writes each acknowledged position to FILE, with the moment of its acknowledgement, until its standard input ends.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path
from typing import TextIO

from eventlog.addresses import Address
from eventlog.pool import make_pool
from tests.eventlog.scenes import log_of, secrets, wallet_opened
from tests.pg import UTILITY_SCHEMA

EVENTS_OF_A_COMMAND = 4


async def main(home: str, writers: int, notes: TextIO) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
    async with make_pool(home, size=2) as control:
        address = Address(control, home, "test", UTILITY_SCHEMA, secrets())
        async with address.pool(size=3, name="seed writer") as pool:
            log = log_of(pool)

            async def write() -> None:
                while not ended.is_set():
                    events = [event for _ in range(random.randint(1, EVENTS_OF_A_COMMAND)) for event in wallet_opened()]
                    position = await log.append(events)
                    notes.write(f"{position} {len(events)} {events[-1].originator_id} {time.monotonic()}\n")

            await log.append(wallet_opened())
            print("begun", flush=True)
            await asyncio.gather(*(write() for _ in range(writers)))


if __name__ == "__main__":
    with Path(sys.argv[3]).open("w") as file:
        asyncio.run(main(sys.argv[1], int(sys.argv[2]), file))
