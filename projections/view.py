"""How a read model is read: plain SQL, plain rows, and keys that wait together go in one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from psycopg import AsyncConnection, sql
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from projections.keyed import KeyedProjection, from_row
from projections.projection import Place

R = TypeVar("R", bound=msgspec.Struct)

Pool = AsyncConnectionPool[AsyncConnection[Any]]


class View:
    """A read model of one utility, over the pool that all share."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self.pool = pool
        self.place = Place(schema)

    async def rows(self, query: sql.Composed, parameters: Any = None) -> list[tuple[Any, ...]]:
        """This will run one query and give its rows."""
        async with self.pool.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query, parameters)
            return await cursor.fetchall()


class KeyedView(View, Generic[R]):
    """Rows found by their key; keys asked for while a query is under way share the next one."""

    projection: ClassVar[type[KeyedProjection[Any]]]

    def __init__(self, pool: Pool, schema: str) -> None:
        super().__init__(pool, schema)
        self._waiting: dict[Hashable, asyncio.Future[Any]] = {}
        self._reader: asyncio.Task[None] | None = None
        table = self.projection.tables[0]
        self._query = sql.SQL("SELECT {columns} FROM {table} WHERE {key} = ANY(%s::{type}[])").format(
            columns=sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
            table=self.place.of(table.name),
            key=sql.Identifier(table.key[0]),
            type=sql.SQL(table.columns[0].type),
        )

    async def one(self, key: Hashable) -> R | None:
        """This will give the row of a key."""
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        # Shielded: one reader who gives up must not take the row from the others who wait for it.
        return await asyncio.shield(future)

    async def _read(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, {}
            try:
                found = await self.rows(self._query, (list(waiting),))
                rows = {values[0]: from_row(self.projection.row, values) for values in found}
            except Exception as error:
                for future in waiting.values():
                    future.set_exception(error)
                continue
            for key, future in waiting.items():
                future.set_result(rows.get(key))
