"""The torture: eight writers in two processes race, hang, roll back and are killed, and so are followers: each event counts once.

`SEED_TORTURE_EVENTS=10000000 .venv/bin/python -m pytest -s tests/eventlog/test_nothing_missed.py` is the long form.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
from psycopg import AsyncConnection

from tests.eventlog.scenes import until
from tests.eventlog.torture_follower import NAME
from tests.pg import UTILITY_SCHEMA

EVENTS = int(os.environ.get("SEED_TORTURE_EVENTS", "200000"))
KILLS = 12
LONGEST = 400.0 * max(1.0, EVENTS / 200_000)
"""Seconds until the test gives up; on a machine of its own it takes half a minute for 200,000 events."""


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


class Killed:
    """Processes of one program. Once each has begun, one after another is killed with kill -9, and started again."""

    def __init__(self, module: str, dsn: str, *, number: int, lives_s: tuple[float, float]) -> None:
        self.kills = 0
        self._command = (sys.executable, "-m", module, dsn)
        self._number = number
        self._lives_s = lives_s

    async def run(self, ended: asyncio.Event, *, leave_running: asyncio.Event | None = None) -> None:
        """This will kill until `ended` is set, and let those that run at that time run until `leave_running` is."""
        processes = [await self._start() for _ in range(self._number)]
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), random.uniform(*self._lives_s))
                break
            place = self.kills % self._number
            assert processes[place].returncode is None, f"{self._command[2]} ended by itself"
            processes[place].kill()
            await processes[place].wait()
            self.kills += 1
            processes[place] = await self._start()
        if leave_running is not None:
            await leave_running.wait()
        for process in processes:
            process.kill()
            await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(*self._command, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        await process.stdout.readline()
        return process


async def disturb_followers(connection: AsyncConnection[Any], ended: asyncio.Event) -> None:
    while not ended.is_set():
        await asyncio.sleep(7)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", [f"seed {NAME}"]
        )


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
        ended, caught_up, naive = asyncio.Event(), asyncio.Event(), set[int]()
        async with await AsyncConnection.connect(database, autocommit=True) as connection:
            await connection.execute("CREATE TABLE seen (position bigint NOT NULL)")
            writers = Killed("tests.eventlog.torture_worker", database, number=2, lives_s=(0.5, 1.5))
            followers = Killed("tests.eventlog.torture_follower", database, number=2, lives_s=(1.0, 4.0))

            async def one(query: str) -> int:
                [(number,)] = await (await connection.execute(query.format(schema=UTILITY_SCHEMA))).fetchall()
                return int(number or 0)

            async def followed(upto: int) -> None:
                where = f"SELECT max(position) FROM {{schema}}.tracking WHERE name = '{NAME}'"
                while await one(where) < upto:
                    assert not following.done() and not (writing.done() and not ended.is_set())
                    await asyncio.sleep(0.2)

            async with (
                running(followers.run(ended, leave_running=caught_up)) as following,
                running(writers.run(ended)) as writing,
                running(disturb_followers(connection, ended)),
                running(read_without_fence(database, naive)),
                asyncio.timeout(LONGEST),
            ):
                await followed(int(EVENTS * 1.2))
                await until(lambda: writers.kills >= KILLS and followers.kills >= KILLS / 2, LONGEST)
                ended.set()
                await writing
                await followed(await one("SELECT max(notification_id) FROM {schema}.events"))
                caught_up.set()
                await following
        with psycopg.connect(database) as check:

            def count(query: str) -> int:
                [(number,)] = check.execute(query.format(schema=UTILITY_SCHEMA)).fetchall()
                return int(number)

            stored = count("SELECT count(*) FROM {schema}.events")
            assert stored >= EVENTS
            assert count("SELECT count(*) FROM seen") == stored
            assert count("SELECT count(DISTINCT position) FROM seen JOIN {schema}.events ON notification_id = position") == stored
        assert len(naive) < stored, "nothing was there to be missed: a reader without the fence missed nothing either"
        print(
            f"{stored} events, {writers.kills} kills of writers and {followers.kills} of followers; each was seen once;"
            f" a reader without the fence missed {stored - len(naive)}"
        )
