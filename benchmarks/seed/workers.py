"""Contestant: several worker processes append to one log, and a follower's eyes see every event that they append."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from benchmarks.contestant import Told, contest_in_loop, task
from benchmarks.seed.wallet_commands import CODE, release
from eventlog.fence import Fence

LOOK_AGAIN_S = 0.02
SCHEMA = f"u_{CODE}"


class Missed(Exception):
    """A reader that stops at the fence was not shown an event that is in the log."""


class Eyes:
    """Reads positions as a follower does: only up to the fence's mark, and never back."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self._fence = Fence(SCHEMA)
        self._position = 0
        self._events = Identifier(SCHEMA, "events")

    async def look(self, connection: AsyncConnection) -> bool:
        """This will see what there is up to the mark; False where it had been there and nothing is held back."""
        mark = await self._fence.mark(connection)
        if mark == self._position:
            return self._fence.held
        query = SQL("SELECT notification_id FROM {} WHERE notification_id > %s AND notification_id <= %s").format(self._events)
        rows = await (await connection.execute(query, (self._position, mark), prepare=True, binary=True)).fetchall()
        self.seen.update(row[0] for row in rows)
        self._position = mark
        return True

    async def check(self, connection: AsyncConnection) -> None:
        """This will look until nothing is left, and compare. Raises Missed."""
        while await self.look(connection):
            pass
        query = SQL("SELECT notification_id FROM {}").format(self._events)
        stored = {row[0] for row in await (await connection.execute(query)).fetchall()}
        if missed := len(stored - self.seen):
            raise Missed(f"{missed} of {len(stored)} events")


class Worker:
    """A process that appends whenever it is asked to."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def started(cls, asked: dict[str, Any]) -> Worker:
        """This will start one, and wait until it is ready."""
        command = (sys.executable, "-m", "benchmarks.seed.append")
        pipe = asyncio.subprocess.PIPE
        worker = cls(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe))
        worker._say(json.dumps(asked))
        await worker._line()
        return worker

    async def work(self) -> Told:
        """This will have it work once."""
        self._say("once more")
        return await self._line()

    async def end(self) -> None:
        """This will have it end."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()

    def _say(self, line: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(f"{line}\n".encode())

    async def _line(self) -> Told:
        line = await self._process.stdout.readline() if self._process.stdout is not None else b""
        told: Told = json.loads(line)
        return told


async def main(asked: dict[str, Any]) -> None:
    """This will start the workers, and have them append at the same time whenever it is asked to."""
    release(asked["dsn"])
    workers = [await Worker.started(asked) for _ in range(asked["workers"])]
    eyes = Eyes()
    async with await AsyncConnection.connect(asked["dsn"], autocommit=True) as connection:

        async def work() -> Told:
            appending = asyncio.gather(*(worker.work() for worker in workers))
            while not appending.done():
                await eyes.look(connection)
                await asyncio.sleep(LOOK_AGAIN_S)
            lines = appending.result()
            await eyes.check(connection)
            return together(lines)

        await contest_in_loop(work)
    for worker in workers:
        await worker.end()


def together(lines: list[Told]) -> Told:
    """This will sum up what several did at the same time; of the percentiles the worst."""
    worst = {name: max(line[name] for line in lines) for name in ("seconds", "p50_ms", "p99_ms")}
    return {"count": sum(line["count"] for line in lines), **worst}


if __name__ == "__main__":
    asyncio.run(main(task()))
