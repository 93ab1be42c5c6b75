"""The one pool of connections that all utilities of a process share."""

from __future__ import annotations

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

Pool = AsyncConnectionPool[AsyncConnection]


def make_pool(dsn: str, *, size: int = 8, name: str = "seed") -> Pool:
    """This will make the pool, unopened: open it inside the event loop that uses it, after any fork.

    Connections commit each statement by themselves unless a transaction is asked for.
    """
    return AsyncConnectionPool(
        dsn,
        kwargs={"autocommit": True, "application_name": name},
        min_size=1,
        max_size=size,
        open=False,
        name=name,
        reconnect_timeout=30,
        max_idle=120,
    )
