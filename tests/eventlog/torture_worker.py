"""A process of four writers that append as fast as they can, until it is killed: `python -m tests.eventlog.torture_worker DSN`.

Two are the product's own, with many commands in flight. One sleeps inside its transactions, one takes most of them back; both
rest for half of the time, since a mark that is too high does harm only where nobody makes the fence wait.
It prints a line once each of them has begun.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from itertools import repeat
from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor

from domain.event import Event
from eventlog import codec
from eventlog.operations import INSERT_EVENTS
from eventlog.pool import make_pool
from tests.eventlog.scenes import log_of, wallet_opened
from tests.pg import UTILITY_SCHEMA

IN_FLIGHT = 12
EVENTS_OF_A_COMMAND = 10
HANGS = 0.01
RESTS_S = 2.0


def events() -> list[Event]:
    """One command's events."""
    return [event for _ in range(random.randint(1, EVENTS_OF_A_COMMAND)) for event in wallet_opened()]


async def rest() -> None:
    """This will wait, in all processes at once, until the time comes in which they disturb."""
    turn = time.time() % (2 * RESTS_S)
    if turn < RESTS_S:
        await asyncio.sleep(RESTS_S - turn)


async def append(dsn: str, begun: asyncio.Semaphore) -> None:
    """The product's own writer, with many commands in flight."""
    async with make_pool(dsn, size=3) as pool:
        log = log_of(pool)

        await log.append(events())
        begun.release()

        async def commands() -> None:
            for _ in repeat(None):
                await log.append(events())

        await asyncio.gather(*(commands() for _ in range(IN_FLIGHT)))


async def insert(connection: AsyncConnection[Any]) -> None:
    """A transaction's events, written by hand."""
    rows = [
        (event.originator_id, event.originator_version, event.TOPIC, codec.encode(event, None, os.urandom)) for event in events()
    ]
    for sql, values in INSERT_EVENTS.statements(UTILITY_SCHEMA, rows):
        await AsyncRawCursor(connection).execute(sql, values)


async def sleep_inside(dsn: str, begun: asyncio.Semaphore) -> None:
    """Draws numbers, and commits them long after others have committed higher ones; now and then it hangs for seconds."""
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        for _ in repeat(None):
            async with connection.transaction():
                await connection.execute("SELECT pg_current_xact_id()")
                await asyncio.sleep(random.random() * 0.01)
                await insert(connection)
                await asyncio.sleep(random.random() * (3.0 if random.random() < HANGS else 0.03))
            begun.release()
            await rest()


async def roll_back(dsn: str, begun: asyncio.Semaphore) -> None:
    """Draws numbers, and mostly leaves them gaps."""
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        for _ in repeat(None):
            async with connection.transaction(force_rollback=random.random() < 0.8):
                await insert(connection)
                await asyncio.sleep(random.random() * 0.005)
            begun.release()
            await rest()


async def main(dsn: str) -> None:
    """This will run the four."""
    begun = asyncio.Semaphore(0)

    async def tell() -> None:
        for _ in range(4):
            await begun.acquire()
        print("begun", flush=True)

    await asyncio.gather(append(dsn, begun), append(dsn, begun), sleep_inside(dsn, begun), roll_back(dsn, begun), tell())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
