"""What a contestant does, whoever it is: it prepares, says so, and then works once for each line that it reads.

It is a program of its own. The first line that it reads is its task as JSON: it may hold a password, which no command line
should. It writes a line of JSON when it is ready, and one for each time it worked: how much (`count`) in how many `seconds`,
and percentiles of the single times where there are any.
Only the standard library is used here: peers have packages of their own.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

Told = dict[str, float]
"""One line of a contestant's."""


def task() -> dict[str, Any]:
    """This will read what this contestant was asked to do."""
    asked: dict[str, Any] = json.loads(sys.stdin.readline())
    return asked


def say(told: Mapping[str, Any]) -> None:
    """This will write one line."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def contest(work: Callable[[], Mapping[str, Any]], servers: Sequence[int] = ()) -> None:
    """This will say that everything is prepared, and work whenever it is asked to, until nobody asks any more.

    Where it only asks `servers`, it is their processes whose time counts, not its own.
    """
    say({"servers": servers})
    while sys.stdin.readline():
        say(work())


async def contest_in_loop(work: Callable[[], Awaitable[Told]]) -> None:
    """This will do the same inside an event loop."""
    say({"servers": ()})
    while await asyncio.to_thread(sys.stdin.readline):
        say(await work())


async def in_flight(command: Callable[[], Awaitable[object]], callers: int, seconds: float) -> Told:
    """This will keep so many commands in flight for so long: who is answered asks again."""
    taken: list[float] = []
    clock = time.perf_counter
    began = clock()

    async def caller() -> None:
        last = clock()
        while last - began < seconds:
            await command()
            now = clock()
            taken.append(now - last)
            last = now

    await asyncio.gather(*(caller() for _ in range(callers)))
    return told(taken, clock() - began)


def in_threads(command: Callable[[], object], callers: int, seconds: float) -> Told:
    """This will do the same with a thread for each caller, for what knows no event loop. A caller's error ends it all."""
    taken: list[float] = []
    failed: list[Exception] = []
    clock = time.perf_counter
    began = clock()

    def caller() -> None:
        last = clock()
        try:
            while last - began < seconds and not failed:
                command()
                now = clock()
                taken.append(now - last)
                last = now
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=caller) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return told(taken, clock() - began)


def told(taken: Sequence[float], seconds: float, count: int | None = None) -> Told:
    """This will sum up what was done in `seconds`, of the seconds that each took; `count` where they were done many at once."""
    ordered = sorted(taken)
    line: Told = {"count": len(ordered) if count is None else count, "seconds": seconds}
    if ordered:
        line |= {"p50_ms": percentile(ordered, 50) * 1000, "p99_ms": percentile(ordered, 99) * 1000}
    return line


def percentile(ordered: Sequence[float], percent: float) -> float:
    """This will give the nearest-rank percentile of values in ascending order."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
