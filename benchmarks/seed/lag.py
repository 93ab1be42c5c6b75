"""Contestant: how long after its acknowledgement an event is in the read models, under half of the load that can be done.

The projector is a process of its own, as on a server; whoever waits asks as the site does.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from functools import partial
from typing import Any

from benchmarks.contestant import Told, contest_in_loop, in_flight, task, told
from benchmarks.seed.wallet_commands import CODE, WalletCommands, randomly, utility
from cli.tether import die_with_parent
from eventlog.follower import Follower
from projections.projection import Place
from projections.projector import TRACKED_AS, Projector
from projections.registry import all_projections
from tests.utility import OpenUtility, opened

FOLLOW = "follow"
"""The argument that makes this program the projector."""

WATCHED = 10
"""One command in so many is waited for: each who waits asks the database again and again."""

FOUND_IN_S = 2.0
PATIENCE_S = 30.0


class NeverSeen(Exception):
    """An event was not in the read models in time."""


async def follow(dsn: str) -> None:
    """This will run the projector until it is told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with opened(dsn, CODE) as of:
        projector = Projector(all_projections(of.secrets.mac), Place(of.schema))
        await Follower(dsn, of.log, TRACKED_AS, projector.apply, waits_for_disk=False).run(stop)


async def main(asked: dict[str, Any]) -> None:
    """This will start the projector, and load whenever it is asked to."""
    async with utility(asked["dsn"]) as of:
        projector = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.seed.lag", FOLLOW),
            stdin=asyncio.subprocess.PIPE,
            preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
        )
        if projector.stdin is not None:
            projector.stdin.write(json.dumps(asked).encode() + b"\n")
        commands = WalletCommands(of, keyed=True)
        ids = await asyncio.gather(*(commands.fill(asked["events"]) for _ in range(asked["wallets"])))

        async def command() -> int:
            return await commands.take(randomly(ids))

        most = await in_flight(command, asked["callers"], FOUND_IN_S)
        rate = most["count"] / most["seconds"] / 2
        await until_visible(of, await command())

        async def work() -> Told:
            taken: list[float] = []

            async def one(is_watched: bool) -> None:
                position = await command()
                if is_watched:
                    began = time.perf_counter()
                    await until_visible(of, position)
                    taken.append(time.perf_counter() - began)

            began, count, at = time.perf_counter(), 0, 0.0
            async with asyncio.TaskGroup() as group:
                while (at := at + random.expovariate(rate)) < asked["seconds"]:  # noqa: S311 (a load, no secret)
                    await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
                    group.create_task(one(count % WATCHED == 0))
                    count += 1
            return told(taken, time.perf_counter() - began, count)

        await contest_in_loop(work)
        projector.terminate()
        await projector.wait()


async def until_visible(of: OpenUtility, position: int) -> None:
    """This will wait until the read models have the position. Raises NeverSeen."""
    if not await of.views.reached(position, wait_s=PATIENCE_S):
        raise NeverSeen(position)


if __name__ == "__main__":
    asyncio.run(follow(task()["dsn"]) if sys.argv[1:] == [FOLLOW] else main(task()))
