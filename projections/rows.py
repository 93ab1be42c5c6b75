"""Rows of a table in whole sets: read by key, written, added to or deleted, in one statement each."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from psycopg import AsyncCursor, sql

from projections.projection import Place, Table

R = TypeVar("R", bound=msgspec.Struct)


def from_row(row_class: type[R], values: Sequence[Any]) -> R:
    """This will make a row's Struct of what PostgreSQL returned, its columns in the Struct's order."""
    return msgspec.convert(dict(zip(row_class.__struct_fields__, values, strict=True)), row_class, strict=False)


async def load(cursor: AsyncCursor[Any], place: Place, table: Table, row_class: type[R], keys: Iterable[Hashable]) -> list[R]:
    """This will give the rows whose first column is one of the keys."""
    await cursor.execute(
        sql.SQL("SELECT {columns} FROM {table} WHERE {key} = ANY(%s::{type}[])").format(
            columns=_names(table), table=place.of(table.name), **_first(table)
        ),
        (list(keys),),
    )
    return [from_row(row_class, values) for values in await cursor.fetchall()]


async def delete(cursor: AsyncCursor[Any], place: Place, table: Table, keys: Iterable[Hashable]) -> None:
    """This will delete the rows whose first column is one of the keys."""
    await cursor.execute(
        sql.SQL("DELETE FROM {table} WHERE {key} = ANY(%s::{type}[])").format(table=place.of(table.name), **_first(table)),
        (list(keys),),
    )


async def put(cursor: AsyncCursor[Any], place: Place, table: Table, rows: Sequence[Any]) -> None:
    """This will write rows, in the place of those with the same keys."""
    columns = [[_value(getattr(row, column.name), column.type) for row in rows] for column in table.columns]
    await _upsert(cursor, place, table, columns, "{0} = excluded.{0}")


async def add(cursor: AsyncCursor[Any], place: Place, table: Table, sums: dict[tuple[Any, ...], list[int]]) -> None:
    """This will add numbers to the rows of their keys, given in the order of the columns; a row that is missing begins at zero.

    A row of zeros is kept: whether it is there must not depend on how the log was cut into batches.
    """
    columns = [list(column) for column in zip(*((*key, *numbers) for key, numbers in sums.items()), strict=True)]
    await _upsert(cursor, place, table, columns, "{0} = known.{0} + excluded.{0}")


async def _upsert(cursor: AsyncCursor[Any], place: Place, table: Table, columns: list[list[Any]], change: str) -> None:
    if not columns or not columns[0]:
        return
    others = [sql.Identifier(column.name) for column in table.columns if column.name not in table.key]
    await cursor.execute(
        sql.SQL(
            "INSERT INTO {table} AS known ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT ({key}) DO UPDATE SET {changes}"
        ).format(
            table=place.of(table.name),
            names=_names(table),
            arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(column.type)) for column in table.columns),
            key=sql.SQL(", ").join(map(sql.Identifier, table.key)),
            changes=sql.SQL(", ").join(sql.SQL(change).format(name) for name in others),
        ),
        columns,
    )


def _names(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)


def _first(table: Table) -> dict[str, sql.Composable]:
    return {"key": sql.Identifier(table.columns[0].name), "type": sql.SQL(table.columns[0].type)}


def _value(value: Any, column_type: str) -> Any:
    return msgspec.json.encode(value).decode() if column_type == "jsonb" else value
