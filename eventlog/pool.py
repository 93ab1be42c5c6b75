"""A pool of connections, and what is done on one of them, again where that was lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

Pool = AsyncConnectionPool[AsyncConnection]

T = TypeVar("T")


class Read(Protocol):
    """Reads somewhere: `read`, or whatever reads in its place."""

    async def __call__(self, pool: Pool, ask: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """This will give what `ask` gives, which must bear being called again."""
        ...


TRIES = 5

BACKS_OFF_FOR_S = 3.0
"""The pool waits twice as long after each failed attempt: 1, 2, 4, 8 s … It gives up after this while and begins again, so that
attempts are 2 s apart at most, and nobody waits for a server that has been back for long."""


def make_pool(
    dsn: str,
    *,
    least: int = 1,
    size: int = 8,
    name: str = "seed",
    waits_for_disk: bool = True,
    connects: Any = AsyncConnection,
) -> Pool:
    """This will make the pool, unopened: open it inside the event loop that uses it, after any fork.

    Connections commit each statement by themselves unless a transaction is asked for. Without `waits_for_disk` a commit returns
    before it is on the disk: what was written in the last second may be gone after a crash of PostgreSQL. `connects` is
    what opens them, by its `connect`.
    """
    return AsyncConnectionPool(
        dsn,
        connection_class=connects,
        kwargs={"autocommit": True, "application_name": name},
        min_size=least,
        max_size=size,
        open=False,
        configure=None if waits_for_disk else hurry,
        name=name,
        reconnect_timeout=BACKS_OFF_FOR_S,
        reconnect_failed=begin_again,
        max_idle=120,
    )


async def hurry(connection: AsyncConnection) -> None:
    """This will have the connection's commits not wait for the disk."""
    await connection.execute("SET synchronous_commit = off")


async def begin_again(pool: Pool) -> None:
    """This will have the pool connect again: else the next attempt would wait for the next client, and those who wait in vain."""
    await pool.check()


async def read(pool: Pool, ask: Callable[[AsyncConnection], Awaitable[T]], *, within_s: float | None = None) -> T:
    """This will read on a connection of the pool, again on another where the connection was lost: PostgreSQL restarted, or
    the utility has moved.

    `ask` must bear being called again. `within_s` is how long a connection is waited for; else as long as the pool
    says. Raises psycopg's errors where the database stays away.
    """
    for left in reversed(range(TRIES)):
        try:
            async with pool.connection(within_s) as connection:
                return await ask(connection)
        except psycopg.OperationalError as error:
            if not left or isinstance(error, PoolTimeout):
                raise
            await pool.check()
    raise AssertionError("the last try returns or raises")


write = read
"""The same for what is written; what was written just before the connection was lost is written twice, which must be harmless."""
