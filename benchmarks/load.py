"""Run as a program: sends requests, in a process of its own. A `Plan` is read from standard input, `Outcomes` are written.

With a rate the load is open: requests go out at their moment, whether or not others are answered, and an answer's time counts
from that moment. Without one it is closed: so many callers, each asking again when answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import time
from collections import deque

import msgspec

from benchmarks.wire import Lost, ask

SHED = 503

PAUSE = 0.1
"""Seconds that a caller of a closed loop waits where there was no turn."""


class Kind(msgspec.Struct, kw_only=True):
    """One kind of request. What can be done once only (`once`) is kept in the line until it is acknowledged.

    Of that, and of whatever `tells`, the good answers are kept.
    """

    name: str
    share: float
    requests: list[bytes]
    once: bool = False
    tells: bool = False


class Plan(msgspec.Struct, kw_only=True):
    """What to send to which port, for how many seconds: `rate` a second, or by so many `callers`."""

    port: int
    seconds: float
    kinds: list[Kind]
    seed: int
    rate: float | None = None
    callers: int = 0


class Outcome(msgspec.Struct, kw_only=True, array_like=True):
    """One request: its kind, when it was to go out and how long its answer took, in seconds; status 0 where none came."""

    kind: str
    at: float
    took: float
    status: int
    retry_after: str | None
    told: bytes | None


class Outcomes(msgspec.Struct, kw_only=True):
    """All of them, and which of the requests that are done once are still to do, by kind."""

    outcomes: list[Outcome]
    left: dict[str, list[bytes]]


class Load:
    """Sends a plan's requests."""

    def __init__(self, plan: Plan) -> None:
        self.outcomes: list[Outcome] = []
        self.lines = {kind.name: deque(kind.requests) for kind in plan.kinds}
        self._plan = plan
        self._once = {kind.name for kind in plan.kinds if kind.once}
        self._chance = random.Random(plan.seed)  # noqa: S311 (a mix, no secret)
        self._began = time.perf_counter()

    async def run(self) -> Outcomes:
        """This will send them all, and wait for the last answer."""
        await (self._open(self._plan.rate) if self._plan.rate else self._closed())
        return Outcomes(outcomes=self.outcomes, left={name: list(self.lines[name]) for name in self._once})

    async def _open(self, rate: float) -> None:
        asked: set[asyncio.Task[int]] = set()
        at = 0.0
        while (at := at + self._chance.expovariate(rate)) < self._plan.seconds:
            if (early := at - self._now) > 0:
                await asyncio.sleep(early)
            task = asyncio.create_task(self.one(at))
            asked.add(task)
            task.add_done_callback(asked.discard)
        await asyncio.gather(*asked)

    async def _closed(self) -> None:
        async def caller() -> None:
            while (at := self._now) < self._plan.seconds:
                if await self.one(at) == SHED:
                    await asyncio.sleep(PAUSE)

        await asyncio.gather(*(caller() for _ in range(self._plan.callers)))

    async def one(self, at: float) -> int:
        """This will send one request, by chance of whichever kind, and give its status; it was to go out `at`."""
        kind = self._chance.choices(self._plan.kinds, [kind.share for kind in self._plan.kinds])[0]
        line = self.lines[kind.name]
        if not line:
            kind, line = self._plan.kinds[0], self.lines[self._plan.kinds[0].name]
        request = line.popleft()
        if not kind.once:
            line.append(request)
        status, retry_after, body = 0, None, b""
        with contextlib.suppress(Lost, OSError):  # the status 0 tells
            status, retry_after, body = await ask(self._plan.port, request)
        if kind.once and status in (0, SHED):
            line.append(request)
        told = body if (kind.once or kind.tells) and status // 100 == 2 else None
        took = self._now - at
        self.outcomes.append(Outcome(kind=kind.name, at=at, took=took, status=status, retry_after=retry_after, told=told))
        return status

    @property
    def _now(self) -> float:
        return time.perf_counter() - self._began


if __name__ == "__main__":
    sent = asyncio.run(Load(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Plan)).run())
    sys.stdout.buffer.write(msgspec.msgpack.encode(sent))
