"""Rows of a table in whole sets: read by key, written, added to or deleted, in one statement each.

They go to and fro as JSON, which msgspec and PostgreSQL write and read at a fraction of what it takes to convert each column of
each row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Sequence
from functools import cache
from operator import attrgetter, is_not
from typing import Any, LiteralString, TypeVar

import msgspec
from msgspec.structs import astuple
from psycopg import AsyncCursor, sql

from projections.projection import Column, Place, Table

R = TypeVar("R", bound=msgspec.Struct)


def from_row(row_class: type[R], values: Sequence[Any]) -> R:
    """This will make a row's Struct of what PostgreSQL returned, its columns in the Struct's order."""
    return msgspec.convert(dict(zip(row_class.__struct_fields__, values, strict=True)), row_class, strict=False)


async def run(cursor: AsyncCursor[Any], statement: bytes, *values: Any) -> AsyncCursor[Any]:
    """This will run a statement in the cursor's transaction, and give a cursor of its own with what it found.

    Who shares the connection takes turns: the next one's statement goes out before this one's rows are looked at, so that
    PostgreSQL has something to do meanwhile.
    """
    done = await cursor.connection.execute(statement, values, prepare=True)
    await asyncio.sleep(0)
    return done


async def load(cursor: AsyncCursor[Any], place: Place, table: Table, row_class: type[R], keys: Iterable[Hashable]) -> list[R]:
    """This will give the rows whose first column is one of the keys, in no order."""
    done = await run(cursor, _selecting(place, table), _json(list(keys)))
    [(found,)] = await done.fetchall()
    return _decoder(row_class).decode(found) if found else []


async def delete(cursor: AsyncCursor[Any], place: Place, table: Table, keys: Iterable[Hashable]) -> None:
    """This will delete the rows whose first column is one of the keys."""
    await run(cursor, _deleting(place, table), _json(list(keys)))


async def delete_each(cursor: AsyncCursor[Any], place: Place, table: Table, keys: Sequence[tuple[Any, ...]]) -> None:
    """This will delete the rows of these whole keys."""
    if keys:
        await run(cursor, _deleting_each(place, table), *(list(column) for column in zip(*keys, strict=True)))


async def put(cursor: AsyncCursor[Any], place: Place, table: Table, rows: Sequence[Any]) -> None:
    """This will write rows, in the place of those with the same keys."""
    if rows:
        await run(cursor, _upserting(place, table, adds=False), _json(rows))


async def update(cursor: AsyncCursor[Any], place: Place, table: Table, pairs: Sequence[tuple[Any, Any]]) -> None:
    """This will write rows that are there, given as (before, after); columns in which none differs are not sent.

    An event mostly changes two or three: PostgreSQL then reads and checks a fraction of what a whole row would be.
    """
    columns = (
        zip(*map(astuple, (old for old, _ in pairs)), strict=True),
        zip(*map(astuple, (new for _, new in pairs)), strict=True),
    )
    names = (column.name for column in table.columns)
    changed = tuple(
        name for name, old, new in zip(names, *columns, strict=True) if name not in table.key and any(map(is_not, old, new))
    )
    if changed:
        sent = (*table.key, *changed)
        values = attrgetter(*sent)
        rows = [dict(zip(sent, values(new), strict=True)) for _, new in pairs]
        await run(cursor, _updating(place, table, changed), _json(rows))


async def add(cursor: AsyncCursor[Any], place: Place, table: Table, sums: dict[tuple[Any, ...], list[int]]) -> None:
    """This will add numbers to the rows of their keys, given in the order of the columns; a row that is missing begins at zero.

    A row of zeros is kept: whether it is there must not depend on how the log was cut into batches.
    """
    if sums:
        names = [column.name for column in table.columns]
        rows = [dict(zip(names, (*key, *numbers), strict=True)) for key, numbers in sums.items()]
        await run(cursor, _upserting(place, table, adds=True), _json(rows))


def _json(values: Sequence[Any]) -> str:
    return msgspec.json.encode(values).decode()


@cache
def _decoder(row_class: type[R]) -> msgspec.json.Decoder[list[R]]:
    return msgspec.json.Decoder(list[row_class])  # type: ignore[valid-type]


@cache
def _selecting(place: Place, table: Table) -> bytes:
    return _said(
        "SELECT json_agg(row)::text FROM (SELECT {columns} FROM {table} WHERE {key} = ANY({keys})) AS row",
        columns=sql.SQL(", ").join(map(_read, table.columns)),
        table=place.of(table.name),
        **_first(table),
    )


@cache
def _deleting(place: Place, table: Table) -> bytes:
    return _said("DELETE FROM {table} WHERE {key} = ANY({keys})", table=place.of(table.name), **_first(table))


@cache
def _deleting_each(place: Place, table: Table) -> bytes:
    types = {column.name: column.type for column in table.columns}
    return _said(
        "DELETE FROM {table} WHERE ({key}) IN (SELECT * FROM unnest({arrays}))",
        table=place.of(table.name),
        key=sql.SQL(", ").join(map(sql.Identifier, table.key)),
        arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(types[name])) for name in table.key),
    )


@cache
def _upserting(place: Place, table: Table, *, adds: bool) -> bytes:
    change = "{0} = known.{0} + excluded.{0}" if adds else "{0} = excluded.{0}"
    others = [sql.Identifier(column.name) for column in table.columns if column.name not in table.key]
    return _said(
        "INSERT INTO {table} AS known ({names}) SELECT {values} FROM json_populate_recordset(NULL::{table}, %s::json)"
        " AS new ON CONFLICT ({key}) DO {end}",
        table=place.of(table.name),
        names=sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
        values=sql.SQL(", ").join(_written(column, "new") for column in table.columns),
        key=sql.SQL(", ").join(map(sql.Identifier, table.key)),
        end=sql.SQL("UPDATE SET {}").format(sql.SQL(", ").join(sql.SQL(change).format(name) for name in others))
        if others
        else sql.SQL("NOTHING"),
    )


@cache
def _updating(place: Place, table: Table, names: tuple[str, ...]) -> bytes:
    columns = {column.name: column for column in table.columns}
    return _said(
        "UPDATE {table} AS known SET {changes} FROM json_populate_recordset(NULL::{table}, %s::json) AS new WHERE {same}",
        table=place.of(table.name),
        changes=sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), _written(columns[name], "new")) for name in names
        ),
        same=sql.SQL(" AND ").join(sql.SQL("known.{0} = new.{0}").format(sql.Identifier(name)) for name in table.key),
    )


def _said(text: LiteralString, **parts: sql.Composable) -> bytes:
    """A statement as it is sent: put together once."""
    return sql.SQL(text).format(**parts).as_bytes()


def _read(column: Column) -> sql.Composable:
    """Bytes are written in base64 (RFC 4648), as msgspec writes them: PostgreSQL alone would break lines."""
    name = sql.Identifier(column.name)
    return sql.SQL("translate(encode({0}, 'base64'), E'\\n', '') AS {0}").format(name) if column.type == "bytea" else name


def _written(column: Column, of: str) -> sql.Composable:
    name = sql.Identifier(of, column.name)
    # PostgreSQL has taken the letters for the bytes.
    return sql.SQL("decode(convert_from({}, 'UTF8'), 'base64')").format(name) if column.type == "bytea" else name


def _first(table: Table) -> dict[str, sql.Composable]:
    keys = sql.SQL("ARRAY(SELECT json_array_elements_text(%s::json)::{})").format(sql.SQL(table.columns[0].type))
    return {"key": sql.Identifier(table.columns[0].name), "keys": keys}
