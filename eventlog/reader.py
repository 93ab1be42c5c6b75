"""Reading one utility's log: loads that wait together are one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.sql import SQL, Identifier

from eventlog.pool import Pool
from eventlog.together import Together


class StoredRow(NamedTuple):
    """An event as it is read: what decoding needs."""

    topic: str
    state: bytes


class Reader:
    """Loads aggregates' events."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self._loads: Together[tuple[UUID, int], Sequence[StoredRow]] = Together(pool, self._select)
        # OFFSET 0 has each aggregate looked up in the primary key by itself. As a plain join PostgreSQL reads the whole log, in
        # parallel, as long as its statistics do not know yet how many aggregates there are.
        self._query = SQL(
            "SELECT wanted.place, event.topic, event.state"
            " FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS wanted (originator_id, after, place)"
            " CROSS JOIN LATERAL (SELECT originator_version, topic, state FROM {}"
            " WHERE originator_id = wanted.originator_id AND originator_version > wanted.after OFFSET 0) AS event"
            " ORDER BY wanted.place, event.originator_version"
        ).format(Identifier(schema, "events"))

    async def load(self, originator_id: UUID, after: int = 0) -> Sequence[StoredRow]:
        """This will give an aggregate's events past a version, oldest first."""
        return await self._loads.ask((originator_id, after))

    async def _select(self, connection: AsyncConnection, loads: Sequence[tuple[UUID, int]]) -> Sequence[Sequence[StoredRow]]:
        found: list[list[StoredRow]] = [[] for _ in loads]
        cursor = AsyncRawCursor(connection)
        values = [[originator_id for originator_id, _ in loads], [after for _, after in loads]]
        await cursor.execute(self._query, values, prepare=True, binary=True)
        for place, topic, state in await cursor.fetchall():
            found[place - 1].append(StoredRow(topic, state))
        return found
