"""A streaming replica of the database, asked only where that costs nobody anything: it may be away or slow at any time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from eventlog.pool import Pool, begin_again
from eventlog.waiting import Pause

T = TypeVar("T")

SHORTEST_REST_S, LONGEST_REST_S = 0.25, 5.0
"""How long it is left alone after it failed: twice as long each time, until it answers again."""

WAITS_S = 0.005
"""For a connection that others use just now."""


class ReplicaAway(Exception):
    """The replica does not answer now, or is left alone for a while since it did not: ask the primary."""


class Replica:
    """Connections to the replica that `dsn` leads to. They are made in the background: nobody waits for that."""

    def __init__(self, dsn: str, *, size: int = 6, name: str = "seed replica") -> None:
        self._pool: Pool = AsyncConnectionPool(
            dsn,
            kwargs={"autocommit": True, "application_name": name, "connect_timeout": 5},
            min_size=1,
            max_size=size,
            open=False,
            name=name,
            reconnect_timeout=LONGEST_REST_S,
            reconnect_failed=begin_again,
            max_idle=120,
        )
        self._pause = Pause(shortest=SHORTEST_REST_S, longest=LONGEST_REST_S)
        self._failed = False
        self._rests_until = float("-inf")

    async def open(self) -> None:
        """This will begin to connect, and not wait for it: the replica may be away."""
        await self._pool.open()

    async def close(self) -> None:
        """This will close the connections."""
        await self._pool.close()

    @property
    def rests(self) -> bool:
        """Whether it is left alone, since it failed a moment ago."""
        return asyncio.get_running_loop().time() < self._rests_until

    async def ask(self, ask: Callable[[AsyncConnection], Awaitable[T]], *, patience_s: float) -> T:
        """This will read on a connection that is there already, for so long at most. Raises ReplicaAway."""
        if self.rests:
            raise ReplicaAway
        if self._failed:  # one tries whether it is back; all others leave it alone meanwhile
            self._rest()
        try:
            async with self._pool.connection(timeout=WAITS_S) as connection:
                found = await _within(connection, ask, patience_s)
        except PoolTimeout:
            raise ReplicaAway from None
        except (psycopg.Error, TimeoutError) as error:
            self._failed = True
            self._rest()
            raise ReplicaAway from error
        self._failed = False
        self._pause.reset()
        self._rests_until = float("-inf")
        return found

    def _rest(self) -> None:
        self._rests_until = asyncio.get_running_loop().time() + self._pause.next()


async def _within(connection: AsyncConnection, ask: Callable[[AsyncConnection], Awaitable[T]], patience_s: float) -> T:
    """A server that has stopped answers no request to cancel either: the connection is closed on it. Raises TimeoutError."""
    asking = asyncio.ensure_future(ask(connection))
    try:
        await asyncio.wait({asking}, timeout=patience_s)
    finally:
        if not asking.done():
            await connection.close()
            asking.cancel()
            with suppress(asyncio.CancelledError, psycopg.Error):
                await asking
    if asking.cancelled():
        raise TimeoutError
    return asking.result()
