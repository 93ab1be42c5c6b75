"""Builds a read model anew beside the live one, and puts it in its place in one transaction once it has caught up.

Interrupted, it goes on where it was: the tables beside the live ones and their own tracking stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, sql
from psycopg.errors import LockNotAvailable

from eventlog.follower import Follower, Recorded
from eventlog.log import EventLog
from projections.projection import Place, Projection
from projections.projector import TRACKED_AS, Projector
from projections.tables import REBUILDING, create_statements, swap_statements

LOOK_AGAIN_S = 0.02
PATIENCE = "500ms"
"""How long the swap waits for those who read the tables: everybody else waits behind it meanwhile."""

Progress = Callable[[int, int], None]
"""Told of the position reached and of how many events the batch had."""


class Rebuild:
    """Rebuilds one projection of one utility."""

    def __init__(self, dsn: str, log: EventLog, projection: Projection, progress: Progress) -> None:
        self.dsn = dsn
        self.log = log
        self.projection = projection
        self.progress = progress
        self.place = Place(log.schema, REBUILDING)
        self.name = f"rebuild:{projection.name}"
        self._projector = Projector([projection], self.place)

    async def run(self) -> int:
        """This will rebuild and swap, and give the position at which the new tables took over."""
        async with await AsyncConnection.connect(self.dsn, autocommit=True) as connection:
            await connection.execute("SET client_min_messages = warning")
            async with connection.transaction():
                for statement in create_statements(self.place, self.projection):
                    await connection.execute(statement)
            while True:
                reached = await Follower(self.dsn, self.log, self.name, self._apply).catch_up()
                try:
                    swapped = await self._swap(connection, reached)
                except LockNotAvailable:  # somebody reads long, an analyst perhaps
                    swapped = None
                if swapped is not None:
                    return swapped
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _apply(self, cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
        await self._projector.apply(cursor, batch)
        self.progress(batch[-1].position, len(batch))

    async def _swap(self, connection: AsyncConnection[Any], reached: int) -> int | None:
        """This will swap at the live projector's position, which stands still meanwhile; None where it is behind us."""
        tracking, parked = self._table("tracking"), self._table("parked")
        name = self.projection.name
        async with connection.transaction(), connection.cursor() as cursor:
            await cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(PATIENCE))
            await cursor.execute(sql.SQL("SELECT position FROM {} WHERE name = %s FOR UPDATE").format(tracking), (TRACKED_AS,))
            row = await cursor.fetchone()
            live = row[0] if row else 0
            if live < reached:
                return None
            await self._bridge(cursor, reached, live)
            for statement in swap_statements(self.log.schema, self.projection):
                await cursor.execute(statement)
            await cursor.execute(sql.SQL("DELETE FROM {} WHERE follower = %s").format(parked), (name,))
            await cursor.execute(
                sql.SQL("UPDATE {} SET follower = %s WHERE follower = %s").format(parked), (name, name + REBUILDING)
            )
            await cursor.execute(sql.SQL("DELETE FROM {} WHERE name = %s").format(tracking), (self.name,))
        return live

    async def _bridge(self, cursor: AsyncCursor[Any], reached: int, live: int) -> None:
        """What the live projector took while we came to the end: few, and all visible, since it has taken them."""
        await cursor.execute(
            sql.SQL(
                "SELECT notification_id, topic, state FROM {} WHERE notification_id > %s AND notification_id <= %s"
                " ORDER BY notification_id"
            ).format(self._table("events")),
            (reached, live),
        )
        rows = await cursor.fetchall()
        events = await self.log.decode([(topic, bytes(state)) for _, topic, state in rows])
        if rows:
            await self._projector.apply(cursor, [Recorded(row[0], event) for row, event in zip(rows, events, strict=True)])

    def _table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self.log.schema, name)
