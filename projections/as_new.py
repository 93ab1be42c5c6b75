"""Reads of a streaming replica that never go back in time: it is read only where it is as new as the primary.

How far the read models are is looked at on the primary when a reader asks. Whatever anybody was shown before, by the primary or
by a replica, over any web worker, in any window, is not newer than that. So the rows of a replica that has come as far are never
older than what this reader has seen, and no reader carries along what that was: nothing can be lost, forged, or overtaken by
an answer that was on its way. (After a crash of PostgreSQL read models may be older for a moment: decision 20.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from psycopg import AsyncConnection, AsyncRawCursor, sql

from eventlog.pool import Pool, read
from eventlog.replica import Replica, ReplicaAway
from projections.projection import Place
from projections.projector import TRACKED_AS

T = TypeVar("T")

LOOK_AGAIN_S = 0.01

Told = Callable[[str], None]
"""Told of each read who served it: `replica`, or the primary since the replica was `behind` or `away`."""


class Standing(NamedTuple):
    """How far read models are: the projector's position, which tables they are (a rebuild switches them), and on which server."""

    position: int
    tables: Sequence[int | None]
    server: int
    is_replica: bool

    def is_as_new_as(self, primary: Standing) -> bool:
        """This will say whether rows read from here on are none that the primary had replaced by then."""
        same = (self.tables, self.server, self.is_replica) == (primary.tables, primary.server, True)
        return same and self.position >= primary.position


class AsNew:
    """Reads on the replica where it is as new as the primary, and on the primary else. To be used in the place of `pool.read`.

    A replica that answers takes up to `patience_s`; one that is behind is waited for up to `lag_s`, on its own connection.
    """

    def __init__(
        self, replica: Replica, schema: str, tables: Sequence[str], told: Told, *, patience_s: float = 0.25, lag_s: float = 0.0
    ) -> None:
        place = Place(schema)
        self._replica = replica
        self._told = told
        self._patience_s = patience_s
        self._lag_s = lag_s
        names = [place.of(table).as_string() for table in tables]
        self._query = (
            sql.SQL(
                "SELECT coalesce((SELECT position FROM {} WHERE name = {}), 0), ARRAY[{}],"
                " (SELECT system_identifier FROM pg_control_system()), pg_is_in_recovery()"
            )
            .format(
                place.of("tracking"),
                TRACKED_AS,
                sql.SQL(", ").join(sql.SQL("to_regclass({})::oid::bigint").format(name) for name in names),
            )
            .as_string()
        )

    async def __call__(self, pool: Pool, ask: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """This will read on the replica, or on `pool`, the primary's. `ask` must bear being called again."""
        served = "away"
        if not self._replica.rests:
            primary = await read(pool, self._standing)
            with suppress(ReplicaAway):
                found = await self._on_replica(primary, ask)
                if found is not None:
                    self._told("replica")
                    return found[0]
                served = "behind"
        self._told(served)
        return await read(pool, ask)

    async def _on_replica(self, primary: Standing, ask: Callable[[AsyncConnection], Awaitable[T]]) -> tuple[T] | None:
        """None where it is behind, or is a replica no more, or of another server."""

        async def ask_if_as_new(connection: AsyncConnection) -> tuple[T] | None:
            deadline = asyncio.get_running_loop().time() + self._lag_s
            while not (await self._standing(connection)).is_as_new_as(primary):
                if asyncio.get_running_loop().time() >= deadline:
                    return None
                await asyncio.sleep(LOOK_AGAIN_S)
            return (await ask(connection),)  # its snapshot is a later one still

        return await self._replica.ask(ask_if_as_new, patience_s=self._patience_s + self._lag_s)

    async def _standing(self, connection: AsyncConnection[Any]) -> Standing:
        cursor = AsyncRawCursor(connection)
        await cursor.execute(self._query, prepare=True)
        [row] = await cursor.fetchall()
        return Standing(*row)
