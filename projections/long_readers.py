"""Ends analysts' transactions that stay open too long: the limits of their roles are defaults, which they can lift themselves.

An open transaction that wrote, were it only a setting of its own role, holds back the fence of the whole server, and with it
every follower of every log (docs/event-log.md).
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

from psycopg import AsyncConnection

from eventlog.pool import Pool, read
from eventlog.waiting import waited

logger = logging.getLogger(__name__)

LONGEST = timedelta(minutes=3)
"""Longer than any transaction under the roles' own limits."""

LOOK_AGAIN_S = 15.0


class LongReaders:
    """Watches over the analysts of one utility."""

    def __init__(self, pool: Pool, code: str, *, longest: timedelta = LONGEST) -> None:
        self.pool = pool
        self.code = code
        self.longest = longest

    async def run(self, stop: asyncio.Event) -> None:
        """This will look again and again until `stop` is set."""
        while not stop.is_set():
            await self.step()
            await waited(stop, LOOK_AGAIN_S)

    async def step(self) -> int:
        """This will end the sessions whose transaction is too old, and give how many these were."""
        ended = await read(self.pool, self._end)
        if ended:
            logger.warning("analysts' transactions ended", extra={"utility": self.code, "ended": ended})
        return ended

    async def _end(self, connection: AsyncConnection[Any]) -> int:
        found = await connection.execute("SELECT role FROM seed.analysts WHERE utility = %s", [self.code])
        roles = [row[0] for row in await found.fetchall()]
        if not roles:
            return 0
        ended = await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = ANY(%s::text[]) AND xact_start < clock_timestamp() - %s::interval",
            [roles, self.longest],
        )
        return len(await ended.fetchall())
