"""The vendor's loops: work on the redemptions that are due, and read Juice's feeds now and then."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg_pool import AsyncConnectionPool

from domain.event import Context
from eventlog.follower import Recorded
from eventlog.leadership import lead
from eventlog.waiting import Pause, waited, woken
from vending.feeds import Feeder, together
from vending.juice import JuiceRefused, JuiceSilent, JuiceUnreachable
from vending.redeeming import Again, Next, Redeeming, backoff
from vending.work import Task, Work

logger = logging.getLogger(__name__)

VENDS_AS = "vendor"
FEEDS_AS = "feeds"
FEEDS_EVERY_S = 5.0
AT_ONCE = 16

Pool = AsyncConnectionPool[Any]


class Vendor:
    """Works on one utility's redemptions. Everything that waits, waits on an event, so that a hint wakes it at once."""

    def __init__(
        self, pool: Pool, work: Work, redeeming: Redeeming, *, now: Callable[[], datetime], context: Callable[[], Context]
    ) -> None:
        self.pool = pool
        self.work = work
        self.redeeming = redeeming
        self.now = now
        self.context = context
        self._new = asyncio.Event()

    async def follow(self, cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
        """This will note what begins and ends, for the follower, and wake the worker."""
        await self.work.follow(cursor, batch)
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
        """This will advance every redemption that is due, side by side, and give their number."""
        async with self.pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            tasks = await self.work.claim(cursor, self.now(), AT_ONCE)
        await together(self._advance(task) for task in tasks)
        return len(tasks)

    async def _advance(self, task: Task) -> None:
        context = self.context()
        context = Context(at=context.at, by=context.by, correlation_id=task.correlation_id)
        try:
            after: Next = await self.redeeming.advance(task.redemption_id, context, attempts=task.attempts)
        except Exception as error:
            # What cannot be understood of one redemption holds up no other; it stays under way, and is looked at again.
            where = "".join(traceback.format_tb(error.__traceback__))
            facts = {"error": type(error).__name__, "redemption": str(task.redemption_id), "where": where}
            logger.error("a redemption cannot go on", extra=facts)
            after = Again(backoff(task.attempts))
        if isinstance(after, Again):
            async with self.pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
                await self.work.postpone(cursor, task, self.now() + after.after)

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
