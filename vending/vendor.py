"""The vendor's loops: work on the redemptions and purchases that are due, and read Juice's feeds now and then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from domain.event import Context
from eventlog.addresses import Where, connected
from eventlog.follower import Recorded
from eventlog.leadership import lead
from eventlog.waiting import Pause, place_of, waited, way_to, woken
from vending.feeds import Feeder
from vending.juice_refusals import JuiceRefused, JuiceSilent, JuiceUnreachable
from vending.sending import Again, Next, backoff
from vending.work import RENEWED_EVERY, Kind, Task

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

    async def renew(self, tasks: Sequence[Task], now: datetime, /) -> None:
        """This will hold the leases of what is worked on for another while, unless news or a new attempt have taken a row."""
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
        self._in_hand: dict[asyncio.Task[None], tuple[Desk, Task]] = {}
        self._next: dict[tuple[str, UUID], Task] = {}

    async def follow(self, cursor: Any, batch: Sequence[Recorded]) -> None:
        """This will note what begins and ends, for the follower, and wake the worker."""
        for desk in self.desks:
            await desk.work.follow(cursor, batch)
        # The follower commits after this; the worker looks again soon in any case.
        asyncio.get_running_loop().call_later(0.005, self._new.set)

    async def run(self, stop: asyncio.Event) -> None:
        """This will work until `stop` is set: at once when something new is noted, and whenever something comes due; and then
        end what it has in hand.
        """
        pause = Pause(shortest=0.05, longest=1.0)
        renewing = asyncio.create_task(self._keep_renewing())
        try:
            while not stop.is_set():
                self._new.clear()
                if await self.take():
                    pause.reset()
                else:
                    await woken(self._new, stop, pause.next())
            while self._in_hand:
                await asyncio.wait(self._in_hand)
        finally:
            renewing.cancel()

    async def take(self) -> int:
        """This will begin to advance what is due, as much as there is room for, and give its number.

        A process for which Juice takes long holds up no other. One that is in hand here already, and of which there is news, is
        looked at again right after: whoever asks after a message that is still on its way finds that Juice knows nothing of it.
        """
        taken = 0
        for desk in self.desks:
            room = AT_ONCE - sum(each is desk for each, _ in self._in_hand.values())
            if desk.manager is None or room <= 0:
                continue
            for task in await desk.work.claim(self.now(), room):
                taken += 1
                if any(each is desk and held.id == task.id for each, held in self._in_hand.values()):
                    self._next[desk.work.kind.table, task.id] = task
                else:
                    self._begin(desk, desk.manager, task)
        return taken

    @property
    def is_busy(self) -> bool:
        """Whether anything is in hand."""
        return bool(self._in_hand)

    async def renew(self) -> None:
        """This will hold the leases of all that is in hand."""
        for desk in self.desks:
            tasks = [task for each, task in self._in_hand.values() if each is desk]
            tasks += [task for (table, _), task in self._next.items() if table == desk.work.kind.table]
            if tasks:
                await desk.work.renew(tasks, self.now())

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(RENEWED_EVERY.total_seconds())
            try:
                await self.renew()
            except Exception as error:
                # At worst another vendor looks at the same process, which is safe.
                logger.warning("leases were not renewed", extra={"error": place_of(error)})

    def _begin(self, desk: Desk, manager: Manager, task: Task) -> None:
        working = asyncio.create_task(self._work(desk, manager, task))
        self._in_hand[working] = desk, task
        working.add_done_callback(self._done)

    def _done(self, working: asyncio.Task[None]) -> None:
        desk, task = self._in_hand.pop(working)
        following = self._next.pop((desk.work.kind.table, task.id), None)
        if following is not None and desk.manager is not None:
            self._begin(desk, desk.manager, following)
        self._new.set()  # there is room again

    async def _work(self, desk: Desk, manager: Manager, task: Task) -> None:
        try:
            await self._advance(desk, manager, task)
        except Exception as error:
            # It could not be put off: it comes again when its lease ends.
            facts = {"error": type(error).__name__, desk.work.kind.id: str(task.id), "where": way_to(error)}
            logger.error("a redemption or purchase could not be put off", extra=facts)

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

    def feeding(self, feeder: Feeder, where: Where, schema: str, every_s: float) -> Callable[[asyncio.Event], Any]:
        """This will give the loop that reads the feeds, in one process at a time."""

        async def run(stop: asyncio.Event) -> None:
            async with await connected(where, FEEDS_AS) as connection:
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
