"""What all parts of a simulated system share: the clock, chance, faults, and the processes that may be killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Never, TypeVar
from uuid import UUID

from domain.event import Context
from tests.simulation.faults import Faults
from tests.simulation.loop import Pause, SimulatedLoop

T = TypeVar("T")

BEGINNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
"""The end of the utility's first day."""

OVER_MIDNIGHT = 0.3
"""So many histories begin shortly before it."""

PATIENCE_S = 30.0
"""So long a client waits for an answer."""

AT_ANY_STEP = ("crash", "clock-jump", "slow")
OTHERS_FIRST = 0.3
"""At so many of the points where others could come first, they may."""


class Over(BaseException):
    """The history is over; whoever was killed in it stays so."""


class NoAnswer(Exception):
    """Whoever was asked died, or took too long: nobody knows what became of the request."""


class World:
    """One history's surroundings. Everything in it follows from the seed."""

    def __init__(self, seed: int, loop: SimulatedLoop) -> None:
        self.random = Random(seed)
        self.faults = Faults(self.random)
        self.loop = loop
        self.is_over_midnight = self.random.random() < OVER_MIDNIGHT
        self._looked_at, self._now = -1.0, BEGINNING
        self.beginning = MIDNIGHT - timedelta(minutes=self.random.uniform(1, 6)) if self.is_over_midnight else BEGINNING

    @property
    def now(self) -> datetime:
        """The true time."""
        elapsed = self.loop.time()
        if elapsed != self._looked_at:  # many ask at one moment
            self._looked_at, self._now = elapsed, self.beginning + timedelta(seconds=elapsed)
        return self._now

    def pass_over(self, until: datetime) -> None:
        """This will have it be later all at once, where nothing would happen meanwhile: whatever naps goes on napping."""
        self.beginning += max(until - self.now, timedelta(0))
        self._looked_at = -1.0

    async def sleep(self, mean_s: float) -> None:
        """This will let a while pass, now shorter, now longer."""
        await self.loop.pause(self.random.expovariate(1.0 / mean_s))

    def new_uuid(self) -> UUID:
        """This will make an id out of chance."""
        return UUID(int=self.random.getrandbits(128), version=4)


class Life:
    """A process from its start to its death. Whatever it had begun when it dies never goes on, as after a kill -9."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.is_alive = True
        self.skew = timedelta(0)
        self._at_death: list[Callable[[], None]] = []

    def clock(self) -> datetime:
        """The time as this process sees it: clocks differ, and jump."""
        return self.world.now + self.skew

    def context(self, by: str) -> Callable[[], Context]:
        """This will give what makes the context of a command."""
        return lambda: Context(at=self.clock(), by=by, correlation_id=self.world.new_uuid())

    async def step(self, mean_s: float = 0.002) -> None:
        """This will stand at a point where others may come first, and where the process may die."""
        if not self.is_alive:
            await self._never()
        world = self.world
        fault = world.faults.one_of(AT_ANY_STEP)
        if fault == "crash":
            await self.die()
        if fault == "clock-jump":
            self.skew = timedelta(seconds=world.random.uniform(-240.0, 240.0))
        slow = fault == "slow"
        if slow or world.random.random() < OTHERS_FIRST:
            await world.sleep(5.0 if slow else mean_s)
            await self.check()

    async def check(self) -> None:
        """This will go no further where the process is dead."""
        if not self.is_alive:
            await self._never()

    async def die(self) -> Never:
        """This will end the process at this very place."""
        self.kill()
        await self._never()
        raise AssertionError("the dead go on")

    def kill(self) -> None:
        """This will end the process wherever it is."""
        if self.is_alive:
            self.is_alive = False
            at_death, self._at_death = self._at_death, []
            for tell in at_death:
                tell()

    def at_death(self, tell: Callable[[], None]) -> None:
        """This will have somebody told of the end."""
        self._at_death.append(tell)

    async def death(self) -> None:
        """This will wait for the end of the process."""
        ended = self.world.loop.create_future()
        self.at_death(lambda: ended.set_result(None))
        await ended

    async def _never(self) -> None:
        if self.world.loop.is_over:
            raise Over
        await self.world.loop.create_future()


class Bell:
    """Wakes who waits for news."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop
        self._waiting: list[Pause] = []

    def ring(self) -> None:
        """This will wake everybody."""
        waiting, self._waiting = self._waiting, []
        for pause in waiting:
            self._loop.call_soon(pause.over)

    async def wait(self, longest_s: float | None = None) -> None:
        """This will wait for news, or so long."""
        pause = Pause(self._loop) if longest_s is None else self._loop.pause(longest_s)
        self._waiting.append(pause)
        await pause


async def answer_of(life: Life, work: Coroutine[Any, Any, T], patience_s: float = PATIENCE_S) -> T:
    """This will have a process work, and give what it says. Raises NoAnswer where it died or takes too long."""
    loop = life.world.loop
    told: asyncio.Future[T] = loop.create_future()
    task = loop.create_task(work)

    def tell(done: asyncio.Task[T]) -> None:
        if told.done():
            if not done.cancelled():
                done.exception()
        elif (error := done.exception()) is not None:
            told.set_exception(error)
        else:
            told.set_result(done.result())

    def give_up() -> None:
        if not told.done():
            told.set_exception(NoAnswer())

    task.add_done_callback(tell)
    life.at_death(give_up)
    timer = loop.call_later(patience_s, give_up)
    try:
        return await told
    finally:
        timer.cancel()
