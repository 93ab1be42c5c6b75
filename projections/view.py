"""How a read model is read: plain SQL, plain rows, and keys that wait together go in one statement."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Generic, LiteralString, TypeVar

import msgspec
from psycopg import AsyncConnection, sql
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from eventlog.pool import Read, read
from projections.keyed import KeyedProjection, from_row
from projections.projection import Place
from projections.together import Together

R = TypeVar("R", bound=msgspec.Struct)

Pool = AsyncConnectionPool[AsyncConnection[Any]]


class View:
    """A read model of one utility, over the pool that all share, or by what reads in its place."""

    def __init__(self, pool: Pool, schema: str, read_by: Read = read) -> None:
        self.pool = pool
        self.read_by = read_by
        self.place = Place(schema)

    async def rows(self, query: sql.Composed, parameters: Any = None, *, binary: bool = False) -> list[tuple[Any, ...]]:
        """This will run one query and give its rows, sent as bytes where it is asked for: payloads of events are half as long."""

        async def ask(connection: AsyncConnection[Any]) -> list[tuple[Any, ...]]:
            cursor = connection.cursor(row_factory=tuple_row)
            await cursor.execute(query, parameters, binary=binary)
            return await cursor.fetchall()

        return await self.read_by(self.pool, ask)


class KeyedView(View, Generic[R]):
    """Rows found by their key; keys asked for while a query is under way share the next one."""

    projection: ClassVar[type[KeyedProjection[Any]]]

    def __init__(self, pool: Pool, schema: str, read_by: Read = read) -> None:
        super().__init__(pool, schema, read_by)
        self._together: Together[Hashable, R] = Together(self._read)
        table = self.projection.tables[0]
        self._columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
        self._table = self.place.of(table.name)
        self._query = sql.SQL("SELECT {columns} FROM {table} WHERE {key} = ANY(%s::{type}[])").format(
            columns=self._columns,
            table=self._table,
            key=sql.Identifier(table.key[0]),
            type=sql.SQL(table.columns[0].type),
        )

    async def one(self, key: Hashable) -> R | None:
        """This will give the row of a key."""
        return await self._together.get(key)

    async def some(self, which: LiteralString, parameters: Sequence[Any]) -> list[R]:
        """This will give the rows that `which` (WHERE, ORDER BY, LIMIT) says, in its order."""
        query = sql.SQL("SELECT {columns} FROM {table} {which}").format(
            columns=self._columns, table=self._table, which=sql.SQL(which)
        )
        return [from_row(self.projection.row, values) for values in await self.rows(query, parameters)]

    async def _read(self, keys: list[Hashable]) -> dict[Hashable, R]:
        return {values[0]: from_row(self.projection.row, values) for values in await self.rows(self._query, (keys,))}
