"""A read model that is being built beside the live one: its tables, how far it is, by which code, and what was found."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection, AsyncCursor, sql

import domain
import eventlog
import projections
from projections.comparing import Group
from projections.projection import Place, Projection
from projections.projector import TRACKED_AS
from projections.tables import REBUILDING, create_statements, drop_statements
from projections.touched import forget_statements

Asked = AsyncConnection[Any] | AsyncCursor[Any]


class Building:
    """What is kept in the database of one rebuild, so that an interrupted one goes on."""

    def __init__(self, schema: str, projection: Projection) -> None:
        self.tracked_as = f"rebuild:{projection.name}"
        self._schema = schema
        self._projection = projection
        self._name = projection.name
        self._beside = Place(schema, REBUILDING)

    async def begin(self, connection: AsyncConnection[Any]) -> None:
        """This will go on with what is there, or begin anew where there is nothing, or what another version built."""
        async with connection.transaction(), connection.cursor() as cursor:
            for statement in forget_statements(self._schema, self._projection):
                await cursor.execute(statement)
            if not await self._can_go_on(cursor):
                await self.end(cursor, drop_parked=True)
                for statement in drop_statements(self._beside, self._projection):
                    await cursor.execute(statement)
                statement = sql.SQL("INSERT INTO {} (name, built_by) VALUES (%s, %s)").format(self._table("rebuilds"))
                await cursor.execute(statement, (self._name, digest()))
            for statement in create_statements(self._beside, self._projection):
                await cursor.execute(statement)

    async def end(self, cursor: AsyncCursor[Any], *, drop_parked: bool = False) -> None:
        """This will forget how far it is; what it left out is what the live one leaves out from now on, or is dropped."""
        parked, beside = self._table("parked"), self._name + REBUILDING
        if drop_parked:
            await cursor.execute(sql.SQL("DELETE FROM {} WHERE follower = %s").format(parked), (beside,))
        else:
            # What was left out before keeps since when.
            await cursor.execute(
                sql.SQL(
                    "UPDATE {parked} AS beside SET parked_at = live.parked_at FROM {parked} AS live"
                    " WHERE beside.follower = %s AND live.follower = %s AND live.originator_id = beside.originator_id"
                    " AND live.position = beside.position"
                ).format(parked=parked),
                (beside, self._name),
            )
            await cursor.execute(sql.SQL("DELETE FROM {} WHERE follower = %s").format(parked), (self._name,))
            renamed = sql.SQL("UPDATE {} SET follower = %s WHERE follower = %s").format(parked)
            await cursor.execute(renamed, (self._name, beside))
        for table, name in (("tracking", self.tracked_as), ("rebuilds", self._name)):
            await cursor.execute(sql.SQL("DELETE FROM {} WHERE name = %s").format(self._table(table)), (name,))

    async def position(self, asked: Asked) -> int:
        """This will give how far it is."""
        return await self._position(asked, self.tracked_as)

    async def live(self, asked: Asked) -> int:
        """This will give how far the live read models are."""
        return await self._position(asked, TRACKED_AS)

    async def move(self, cursor: AsyncCursor[Any], position: int) -> None:
        """This will write down how far it is."""
        await cursor.execute(
            sql.SQL(
                "INSERT INTO {} (name, position) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET position = excluded.position"
            ).format(self._table("tracking")),
            (self.tracked_as, position),
        )

    async def found(self, connection: AsyncConnection[Any]) -> list[Group]:
        """This will give what was found last; nothing where nobody looked yet."""
        query = sql.SQL("SELECT found::text FROM {} WHERE name = %s").format(self._table("rebuilds"))
        row = await (await connection.execute(query, (self._name,))).fetchone()
        return msgspec.json.decode(row[0], type=list[Group]) if row else []

    async def find(self, connection: AsyncConnection[Any], groups: Sequence[Group]) -> None:
        """This will keep what was found."""
        statement = sql.SQL("UPDATE {} SET found = %s WHERE name = %s").format(self._table("rebuilds"))
        await connection.execute(statement, (msgspec.json.encode(groups).decode(), self._name))

    async def _can_go_on(self, cursor: AsyncCursor[Any]) -> bool:
        query = sql.SQL("SELECT built_by FROM {} WHERE name = %s").format(self._table("rebuilds"))
        await cursor.execute(query, (self._name,))
        row = await cursor.fetchone()
        return row is not None and row[0] == digest() and await self.position(cursor) <= await self.live(cursor)

    async def _position(self, asked: Asked, name: str) -> int:
        query = sql.SQL("SELECT position FROM {} WHERE name = %s").format(self._table("tracking"))
        row = await (await asked.execute(query, (name,))).fetchone()
        return int(row[0]) if row else 0

    def _table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self._schema, name)


@cache
def digest() -> str:
    """This will give a digest of the code that makes rows of events: tables that another version built are not gone on with."""
    hashed = hashlib.sha256()
    for room in (domain, eventlog, projections):
        folder = Path(str(room.__file__)).parent
        for file in sorted(folder.rglob("*.py")):
            hashed.update(f"{room.__name__}/{file.relative_to(folder)}\0".encode() + file.read_bytes() + b"\0")
    return hashed.hexdigest()[:32]
