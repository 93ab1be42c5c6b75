"""Takes a batch of events through every projection, in the follower's one transaction with its tracking.

An event that a projection cannot take parks its aggregate in that projection, with position and reason, and says so loudly;
its later events are left out there too, and everything else goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, Error, sql
from psycopg.errors import InFailedSqlTransaction

from domain.account_events import PersonForgotten
from projections.projection import Place, Projection, Recorded

logger = logging.getLogger(__name__)

TRACKED_AS = "projector"
"""The follower's name: one position for all live read models."""


class _Todo(NamedTuple):
    """What of a batch is one projection's, and the aggregates that are held back from it."""

    projection: Projection
    ready: Sequence[Recorded]
    held: set[UUID]


class Projector:
    """Keeps a set of projections of one utility, all at the same position."""

    def __init__(self, projections: Sequence[Projection], place: Place) -> None:
        self.projections = projections
        self.place = place

    async def apply(self, cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
        """This will bring every projection forward by the batch."""
        parked = await self._load_parked(cursor)
        todo = [each for each in (self._todo(projection, batch, parked) for projection in self.projections) if each.ready]
        try:
            # One savepoint for all: with one each, a batch of 20 events takes a quarter longer, and one of 1000 a twentieth.
            async with cursor.connection.transaction():
                await self._apply_all(cursor.connection, todo)
        except Exception as error:
            if _is_the_databases(error):
                raise
            for each in todo:
                await self._apply_one(cursor, *each)

    async def _apply_all(self, connection: AsyncConnection[Any], todo: Sequence[_Todo]) -> None:
        """Side by side, for their tables are their own: rows of one are folded while PostgreSQL runs a statement of another.

        All read models together are caught up with a third sooner for it.
        """
        ended = await asyncio.gather(
            *(each.projection.apply(connection.cursor(), self.place, each.ready) for each in todo), return_exceptions=True
        )
        errors = [error for error in ended if isinstance(error, BaseException)]
        if errors:
            # Where a statement has failed, those after it in the transaction do too: that says nothing.
            raise next((error for error in errors if not isinstance(error, InFailedSqlTransaction)), errors[0])

    def _todo(self, projection: Projection, batch: Sequence[Recorded], parked: dict[str, set[UUID]]) -> _Todo:
        held = parked.setdefault(projection.name + self.place.suffix, set())
        mine = [recorded for recorded in batch if type(recorded.event) in projection.handlers]
        return _Todo(projection, [recorded for recorded in mine if _is_ready(recorded, held)] if held else mine, held)

    async def _apply_one(
        self, cursor: AsyncCursor[Any], projection: Projection, ready: Sequence[Recorded], held: set[UUID]
    ) -> None:
        try:
            async with cursor.connection.transaction():
                await projection.apply(cursor, self.place, ready)
        except Exception as error:
            if _is_the_databases(error):
                raise
            await self._one_by_one(cursor, projection, ready, held)

    async def _one_by_one(
        self, cursor: AsyncCursor[Any], projection: Projection, ready: Sequence[Recorded], held: set[UUID]
    ) -> None:
        for recorded in ready:
            if not _is_ready(recorded, held):
                continue
            try:
                async with cursor.connection.transaction():
                    await projection.apply(cursor, self.place, [recorded])
            except Exception as error:
                if _is_the_databases(error):
                    raise
                # The error's text may quote what the row holds; its class does not.
                reason = f"{type(error).__name__} at {type(recorded.event).__name__}"
                logger.error(
                    "event parked",
                    extra={"projection": projection.name, "position": recorded.position, "reason": reason},
                )
                held.add(recorded.event.originator_id)
                await self._park(cursor, projection, recorded, reason)

    async def _park(self, cursor: AsyncCursor[Any], projection: Projection, recorded: Recorded, reason: str) -> None:
        await cursor.execute(
            sql.SQL(
                "INSERT INTO {} (follower, originator_id, position, reason) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
            ).format(sql.Identifier(self.place.schema, "parked")),
            (projection.name + self.place.suffix, recorded.event.originator_id, recorded.position, reason),
        )

    async def _load_parked(self, cursor: AsyncCursor[Any]) -> dict[str, set[UUID]]:
        """Read again for each batch: it is a small table, and a retry or skip elsewhere must be seen."""
        await cursor.execute(
            sql.SQL("SELECT follower, originator_id FROM {}").format(sql.Identifier(self.place.schema, "parked"))
        )
        parked: dict[str, set[UUID]] = {}
        for follower, originator_id in await cursor.fetchall():
            parked.setdefault(follower, set()).add(originator_id)
        return parked


def _is_ready(recorded: Recorded, held: set[UUID]) -> bool:
    # Whoever is forgotten is so everywhere, also where a read model could not take what happened before.
    return recorded.event.originator_id not in held or isinstance(recorded.event, PersonForgotten)


def _is_the_databases(error: Exception) -> bool:
    """Whether the batch should be tried again as a whole: a lost connection, a deadlock, a lock that somebody holds, a full disk,
    a shutdown; or a table that has not the shape of this version yet, until it is rebuilt."""
    if not isinstance(error, Error):
        return False
    state = error.sqlstate
    return state is None or state[:2] in {"08", "40", "53", "57", "58"} or state in {"55P03", "42703", "42P01"}
