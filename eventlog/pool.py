"""The one pool of connections that all utilities of a process share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

Pool = AsyncConnectionPool[AsyncConnection]

T = TypeVar("T")

TRIES = 5

BACKS_OFF_FOR_S = 3.0
"""The pool waits twice as long after each failed attempt: 1, 2, 4, 8 s … It gives up after this while and begins again, so that
attempts are 2 s apart at most, and nobody waits for a server that has been back for long."""


def make_pool(dsn: str, *, least: int = 1, size: int = 8, name: str = "seed", waits_for_disk: bool = True) -> Pool:
    """This will make the pool, unopened: open it inside the event loop that uses it, after any fork.

    Connections commit each statement by themselves unless a transaction is asked for. Without `waits_for_disk` a commit returns
    before it is on the disk: what was written in the last half second may be gone after a crash of PostgreSQL.
    """
    return AsyncConnectionPool(
        dsn,
        kwargs={"autocommit": True, "application_name": name},
        min_size=least,
        max_size=size,
        open=False,
        configure=None if waits_for_disk else _hurry,
        name=name,
        reconnect_timeout=BACKS_OFF_FOR_S,
        reconnect_failed=_begin_again,
        max_idle=120,
    )


async def _hurry(connection: AsyncConnection) -> None:
    await connection.execute("SET synchronous_commit = off")


async def _begin_again(pool: Pool) -> None:
    """Otherwise the next attempt would wait for the next client, and those who wait already would wait in vain."""
    await pool.check()


async def read(pool: Pool, ask: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """This will read on a connection of the pool, again on another where the connection was lost: PostgreSQL restarted.

    `ask` must bear being called again. Raises psycopg's errors where the database stays away.
    """
    for left in reversed(range(TRIES)):
        try:
            async with pool.connection() as connection:
                return await ask(connection)
        except psycopg.OperationalError as error:
            if not left or isinstance(error, PoolTimeout):
                raise
            await pool.check()
    raise AssertionError("the last try returns or raises")
