"""The torture: eight writers in two processes race, sleep, roll back and are killed, and a follower gets every event once."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncCursor

from eventlog.follower import Follower, Recorded
from eventlog.pool import make_pool
from tests.eventlog.scenes import log_of, until
from tests.pg import UTILITY_SCHEMA

EVENTS = 200_000
KILLS = 12
LONGEST = 400.0
"""Seconds until the test gives up; on a machine of its own it takes half a minute."""


async def write(connection: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
    async with connection.copy("COPY seen (position) FROM STDIN") as copy:
        for recorded in batch:
            await copy.write_row((recorded.position,))


async def read_without_fence(dsn: str, seen: set[int]) -> None:
    """The reader that one writes first: it takes what it sees, and goes on after the highest number."""
    highest = 0
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        while True:
            rows = await (
                await connection.execute(
                    f"SELECT notification_id FROM {UTILITY_SCHEMA}.events WHERE notification_id > %s ORDER BY 1 LIMIT 5000",
                    [highest],
                )
            ).fetchall()
            seen.update(row[0] for row in rows)
            highest = rows[-1][0] if rows else highest
            await asyncio.sleep(0.01)


class Writers:
    """Two processes of four writers each. Once both have begun, one is killed after a second or so, and started again."""

    def __init__(self, dsn: str) -> None:
        self.kills = 0
        self._dsn = dsn

    async def run(self, ended: asyncio.Event) -> None:
        processes = [await self._start(), await self._start()]
        while not ended.is_set():
            await asyncio.sleep(random.uniform(0.5, 1.5))
            place = self.kills % 2
            assert processes[place].returncode is None, "a writer ended by itself"
            processes[place].kill()
            await processes[place].wait()
            self.kills += 1
            processes[place] = await self._start()
        for process in processes:
            process.kill()
            await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        command = (sys.executable, "-m", "tests.eventlog.torture_worker", self._dsn)
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        await process.stdout.readline()
        return process


async def disturb_follower(connection: AsyncConnection[Any], ended: asyncio.Event) -> None:
    while not ended.is_set():
        await asyncio.sleep(3)
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'seed torture'")


@asynccontextmanager
async def running(coroutine: Any) -> AsyncIterator[asyncio.Task[Any]]:
    task = asyncio.create_task(coroutine)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class AFollower:
    async def test_misses_no_event_and_sees_none_twice(self, database: str) -> None:
        ended, naive = asyncio.Event(), set[int]()
        async with make_pool(database) as pool, await AsyncConnection.connect(database, autocommit=True) as connection:
            await connection.execute("CREATE TABLE seen (position bigint NOT NULL)")
            follower, writers = Follower(database, log_of(pool), "torture", write), Writers(database)
            follower_ended = asyncio.Event()
            async with (
                running(follower.run(follower_ended)) as following,
                running(writers.run(ended)) as writing,
                running(disturb_follower(connection, ended)),
                running(read_without_fence(database, naive)),
            ):
                await until(lambda: (follower.position > EVENTS * 1.2 and writers.kills >= KILLS) or writing.done(), LONGEST)
                ended.set()
                await writing
                [(last,)] = await (
                    await connection.execute(f"SELECT max(notification_id) FROM {UTILITY_SCHEMA}.events")
                ).fetchall()
                await until(lambda: follower.position >= last or following.done())
                follower_ended.set()
                await following
        with psycopg.connect(database) as check:

            def count(query: str) -> int:
                [(number,)] = check.execute(query.format(schema=UTILITY_SCHEMA)).fetchall()
                return int(number)

            stored = count("SELECT count(*) FROM {schema}.events")
            assert stored >= EVENTS
            assert count("SELECT count(*) FROM seen") == stored
            assert count("SELECT count(DISTINCT position) FROM seen JOIN {schema}.events ON notification_id = position") == stored
            assert count("SELECT count(*) FROM seen") - count("SELECT count(DISTINCT position) FROM seen") == 0
        assert len(naive) < stored, "nothing was there to be missed: a reader without the fence missed nothing either"
        print(f"{stored} events, {writers.kills} kills; a reader without the fence missed {stored - len(naive)}")
