"""The hint to followers that something new is in the log: never part of an append, never relied on."""

from __future__ import annotations

import asyncio
import logging

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout

from eventlog.pool import Pool

logger = logging.getLogger(__name__)

APART = 0.01
"""Seconds between two hints: a NOTIFY in each append would cost three quarters of the throughput (measured)."""


class Hint:
    """Sends NOTIFY on the channel named like the schema, at once when it was quiet, else together with what follows."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self._pool = pool
        self._schema = schema
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    def give(self) -> None:
        """This will have the followers woken soon."""
        self._wanted = True
        if self._task is None:
            self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                async with self._pool.connection() as connection:
                    # Nothing is lost with the hint, so nobody waits for the disk.
                    await connection.execute(
                        "SELECT set_config('synchronous_commit', 'off', true), pg_notify(%s, '')", [self._schema]
                    )
                await asyncio.sleep(APART)
        except PoolClosed:
            logger.debug("Followers of %s were not woken, since this process ends", self._schema)
        except (psycopg.Error, PoolTimeout) as error:
            logger.warning("Followers of %s were not woken, they will look: %s", self._schema, type(error).__name__)
        finally:
            self._task = None
