"""Reading one utility's log: loads that wait together are answered by one statement."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.sql import SQL, Identifier
from psycopg_pool import PoolTimeout

from eventlog.pool import Pool

LANES = 2
"""Connections that one utility reads with at the same time: a long history in one does not hold up the others."""
TOGETHER = 64
TRIES = 5


class StoredRow(NamedTuple):
    """An event as it is read: what decoding needs."""

    topic: str
    state: bytes


class _Load(NamedTuple):
    originator_id: UUID
    after: int
    outcome: asyncio.Future[Sequence[StoredRow]]


class Reader:
    """Loads aggregates' events."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self._pool = pool
        self._select_events = SQL(
            "SELECT wanted.place, event.topic, event.state"
            " FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS wanted (originator_id, after, place)"
            " JOIN {} AS event ON event.originator_id = wanted.originator_id"
            " AND event.originator_version > wanted.after ORDER BY wanted.place, event.originator_version"
        ).format(Identifier(schema, "events"))
        self._waiting: deque[_Load] = deque()
        self._lanes: set[asyncio.Task[None] | None] = set()

    async def load(self, originator_id: UUID, after: int = 0) -> Sequence[StoredRow]:
        """This will give an aggregate's events past a version, oldest first."""
        outcome: asyncio.Future[Sequence[StoredRow]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Load(originator_id, after, outcome))
        if len(self._lanes) < LANES:
            self._lanes.add(asyncio.create_task(self._drain()))
        return await outcome

    async def _drain(self) -> None:
        try:
            await self._read_waiting()
        finally:
            # Here and not in a callback of the task, which runs a moment later: who comes in between must find the lane free.
            self._lanes.discard(asyncio.current_task())

    async def _read_waiting(self) -> None:
        while self._waiting:
            together = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
            try:
                found = await self._read(together)
            except BaseException as error:
                for load in together:
                    if not load.outcome.done():
                        load.outcome.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                for load, rows in zip(together, found, strict=True):
                    if not load.outcome.done():
                        load.outcome.set_result(rows)

    async def _read(self, together: Sequence[_Load]) -> list[list[StoredRow]]:
        for attempt in range(TRIES):
            try:
                async with self._pool.connection() as connection:
                    return await self._select(connection, together)
            except psycopg.OperationalError as error:
                if attempt == TRIES - 1 or isinstance(error, PoolTimeout):
                    raise
                await self._pool.check()
        raise AssertionError("the last try returns or raises")

    async def _select(self, connection: AsyncConnection, together: Sequence[_Load]) -> list[list[StoredRow]]:
        found: list[list[StoredRow]] = [[] for _ in together]
        cursor = AsyncRawCursor(connection)
        values = [[load.originator_id for load in together], [load.after for load in together]]
        await cursor.execute(self._select_events, values, prepare=True, binary=True)
        for place, topic, state in await cursor.fetchall():
            found[place - 1].append(StoredRow(topic, state))
        return found
