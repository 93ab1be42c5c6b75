"""The vendor's loops: work on the redemptions and purchases that are due, and read Juice's feeds now and then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from psycopg import AsyncConnection

from domain.event import Context
from eventlog.follower import Recorded
from eventlog.leadership import lead
from eventlog.waiting import Pause, waited, way_to, woken
from vending.feeds import Feeder, together
from vending.juice_refusals import JuiceRefused, JuiceSilent, JuiceUnreachable
from vending.sending import Again, Next, backoff
from vending.work import Kind, Task

logger = logging.getLogger(__name__)

VENDS_AS = "vendor"
FEEDS_AS = "feeds"
FEEDS_EVERY_S = 5.0
AT_ONCE = 16


class Manager(Protocol):
    """Brings processes of one kind to their end, a step at a time."""

    async def advance(self, id: UUID, context: Context, /, *, attempts: int) -> Next:
        """This will do what the process's stage calls for."""
        ...


class Noted(Protocol):
    """Where processes of one kind are noted while they are under way."""

    kind: Kind

    async def follow(self, cursor: Any, batch: Sequence[Recorded], /) -> None:
        """This will note what begins, what there is news of, and strike what has ended, in the follower's transaction."""
        ...

    async def claim(self, now: datetime, limit: int, /) -> list[Task]:
        """This will lease what is due, passing over what others hold."""
        ...

    async def postpone(self, task: Task, until: datetime, /) -> None:
        """This will have the process looked at again then, unless news or a new attempt have taken its row meanwhile."""
        ...


class Desk(NamedTuple):
    """Where one kind of process is noted and, unless nobody can work on it here, worked on."""

    work: Noted
    manager: Manager | None


class Vendor:
    """Works on one utility's processes. Everything that waits, waits on an event, so that a hint wakes it at once."""

    def __init__(self, desks: Sequence[Desk], *, now: Callable[[], datetime], context: Callable[[], Context]) -> None:
        self.desks = desks
        self.now = now
        self.context = context
        self._new = asyncio.Event()

    async def follow(self, cursor: Any, batch: Sequence[Recorded]) -> None:
        """This will note what begins and ends, for the follower, and wake the worker."""
        for desk in self.desks:
            await desk.work.follow(cursor, batch)
        # The follower commits after this; the worker looks again soon in any case.
        asyncio.get_running_loop().call_later(0.005, self._new.set)

    async def run(self, stop: asyncio.Event) -> None:
        """This will work until `stop` is set: at once when something new is noted, and whenever something comes due."""
        pause = Pause(shortest=0.05, longest=1.0)
        while not stop.is_set():
            self._new.clear()
            if await self.step():
                pause.reset()
            else:
                await woken(self._new, stop, pause.next())

    async def step(self) -> int:
        """This will advance every process that is due, side by side, and give their number."""
        due: list[tuple[Desk, Task]] = []
        for desk in self.desks:
            if desk.manager is not None:
                due += [(desk, task) for task in await desk.work.claim(self.now(), AT_ONCE)]
        await together(self._advance(desk, desk.manager, task) for desk, task in due if desk.manager is not None)
        return len(due)

    async def _advance(self, desk: Desk, manager: Manager, task: Task) -> None:
        context = self.context()
        context = Context(at=context.at, by=context.by, correlation_id=task.correlation_id)
        try:
            after = await manager.advance(task.id, context, attempts=task.attempts)
        except Exception as error:
            # What cannot be understood of one process holds up no other; it stays under way, and is looked at again.
            facts = {"error": type(error).__name__, desk.work.kind.id: str(task.id), "where": way_to(error)}
            logger.error("a redemption or purchase cannot go on", extra=facts)
            after = Again(backoff(task.attempts))
        if isinstance(after, Again):
            await desk.work.postpone(task, self.now() + after.after)

    def feeding(self, feeder: Feeder, dsn: str, schema: str, every_s: float) -> Callable[[asyncio.Event], Any]:
        """This will give the loop that reads the feeds, in one process at a time."""

        async def run(stop: asyncio.Event) -> None:
            async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
                if not await lead(connection, schema, FEEDS_AS, stop):
                    return
                while not stop.is_set():
                    # The lead ends with the connection: it is tried before each round.
                    await connection.execute("SELECT 1")
                    await self._feed(feeder.take_all)
                    await waited(stop, every_s)

        return run

    async def _feed(self, take_all: Callable[[Callable[[], Context]], Awaitable[None]]) -> None:
        def context() -> Context:
            made = self.context()
            return Context(at=made.at, by="juice", correlation_id=made.correlation_id)

        try:
            await take_all(context)
        except (JuiceUnreachable, JuiceSilent, JuiceRefused) as error:
            logger.warning("juice does not give its feeds", extra={"error": type(error).__name__})
