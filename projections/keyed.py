"""The common kind of projection: one row a key, folded in memory for a batch, written back in one statement."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from psycopg import AsyncCursor, sql

from domain.event import Event
from projections.projection import Place, Projection, Recorded

R = TypeVar("R", bound=msgspec.Struct)


def from_row(row_class: type[R], values: Sequence[Any]) -> R:
    """This will make a row's Struct of what PostgreSQL returned, its columns in the Struct's order."""
    return msgspec.convert(dict(zip(row_class.__struct_fields__, values, strict=True)), row_class, strict=False)


class KeyedProjection(Projection, Generic[R]):
    """Rows of one table, each found by its key.

    `row` is a Struct whose fields are the table's columns, in order; the first ones are the key. Handlers take the row
    (None where there is none yet) and the recorded event, and give the row as it shall be, or None to delete it.
    """

    row: ClassVar[type[Any]]

    def key(self, event: Event) -> Hashable:
        """This will give the key of the row that an event is about; None where it is about none."""
        return event.account_id

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        keys = [self.key(recorded.event) for recorded in batch]
        rows = await self._load(cursor, place, [key for key in dict.fromkeys(keys) if key is not None])
        touched: dict[Hashable, None] = {}
        for key, recorded in zip(keys, batch, strict=True):
            if key is None:
                continue
            rows[key] = self.handlers[type(recorded.event)](self, rows.get(key), recorded)
            touched[key] = None
        await self._write(cursor, place, {key: rows[key] for key in touched})

    async def _load(self, cursor: AsyncCursor[Any], place: Place, keys: Sequence[Hashable]) -> dict[Hashable, Any]:
        table = self.tables[0]
        await cursor.execute(
            sql.SQL("SELECT {columns} FROM {table} WHERE {key} = ANY(%s::{type}[])").format(
                columns=sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
                table=place.of(table.name),
                key=sql.Identifier(table.key[0]),
                type=sql.SQL(table.columns[0].type),
            ),
            (list(keys),),
        )
        found = [from_row(self.row, values) for values in await cursor.fetchall()]
        return {getattr(row, table.key[0]): row for row in found}

    async def _write(self, cursor: AsyncCursor[Any], place: Place, rows: dict[Hashable, Any]) -> None:
        table = self.tables[0]
        kept = [row for row in rows.values() if row is not None]
        gone = [key for key, row in rows.items() if row is None]
        if gone:
            await cursor.execute(
                sql.SQL("DELETE FROM {table} WHERE {key} = ANY(%s::{type}[])").format(
                    table=place.of(table.name),
                    key=sql.Identifier(table.key[0]),
                    type=sql.SQL(table.columns[0].type),
                ),
                (gone,),
            )
        if kept:
            columns = [[_value(getattr(row, c.name), c.type) for row in kept] for c in table.columns]
            await cursor.execute(self._upsert(place), columns)

    def _upsert(self, place: Place) -> sql.Composed:
        table = self.tables[0]
        names = [sql.Identifier(column.name) for column in table.columns]
        others = [name for column, name in zip(table.columns, names, strict=True) if column.name not in table.key]
        return sql.SQL(
            "INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT ({key}) DO UPDATE SET {changes}"
        ).format(
            table=place.of(table.name),
            names=sql.SQL(", ").join(names),
            arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(column.type)) for column in table.columns),
            key=sql.SQL(", ").join(map(sql.Identifier, table.key)),
            changes=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in others),
        )


def _value(value: Any, column_type: str) -> Any:
    return msgspec.json.encode(value).decode() if column_type == "jsonb" else value
