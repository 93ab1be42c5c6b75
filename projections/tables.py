"""Creating, swapping and dropping the tables of projections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import AsyncCursor, Connection, sql

from projections.analysis_views import view_statements, views_over
from projections.projection import Place, Projection, Table

REBUILDING = "__next"
"""Suffix of tables that are being rebuilt beside the live ones."""

RETIRED = "__former"


def create_statements(place: Place, projection: Projection) -> Iterator[sql.Composed]:
    """This will give what creates the projection's tables there, with a comment on each table and column."""
    for table in projection.tables:
        name = place.of(table.name)
        yield sql.SQL("CREATE TABLE IF NOT EXISTS {name} ({columns}, PRIMARY KEY ({key}))").format(
            name=name,
            columns=sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.type)) for column in table.columns
            ),
            key=_columns(table.key),
        )
        for index in table.indexes:
            yield sql.SQL("CREATE INDEX IF NOT EXISTS {index} ON {name} ({columns})").format(
                index=sql.Identifier(_index_name(table, index, place.suffix)), name=name, columns=_columns(index)
            )
        yield sql.SQL("COMMENT ON TABLE {} IS {}").format(name, sql.Literal(table.meaning))
        for column in table.columns:
            yield sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(
                name, sql.Identifier(column.name), sql.Literal(column.meaning + (" (personal)" if column.personal else ""))
            )


def drop_statements(place: Place, projection: Projection) -> Iterator[sql.Composed]:
    """This will give what drops the projection's tables there."""
    for table in projection.tables:
        yield sql.SQL("DROP TABLE IF EXISTS {}").format(place.of(table.name))


def swap_statements(schema: str, projection: Projection) -> Iterator[sql.Composed]:
    """This will give what puts the rebuilt tables, with their indexes and analysts' views, in the place of the live ones.

    Those may have another shape, with fewer tables and indexes.
    """
    live, rebuilt, former = Place(schema), Place(schema, REBUILDING), Place(schema, RETIRED)
    for table in projection.tables:
        indexes = [(f"{table.name}{{}}_pkey")] + [_index_name(table, index, "{}") for index in table.indexes]
        yield _rename("TABLE IF EXISTS", live.of(table.name), table.name + RETIRED)
        for index in indexes:
            yield _rename("INDEX IF EXISTS", sql.Identifier(schema, index.format("")), index.format(RETIRED))
        yield _rename("TABLE", rebuilt.of(table.name), table.name)
        for index in indexes:
            yield _rename("INDEX", sql.Identifier(schema, index.format(REBUILDING)), index.format(""))
    for view in views_over(projection):
        yield from view_statements(schema, view)
    for table in projection.tables:
        yield sql.SQL("DROP TABLE IF EXISTS {}").format(former.of(table.name))


COLUMNS_THERE = (
    "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
    " WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = %s) AND relname = %s"
    " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
)


async def columns_there(cursor: AsyncCursor[Any], schema: str, table: str) -> dict[str, str]:
    """This will give the columns that a table has in the database, with their types; none where there is no such table."""
    await cursor.execute(COLUMNS_THERE, (schema, table))
    return dict(await cursor.fetchall())


def changed_shape(connection: Connection[Any], schema: str, projection: Projection) -> bool:
    """This will say whether a live table has other columns than the projection now wants: only a rebuild makes it anew."""
    for table in projection.tables:
        there = {name for name, _ in connection.execute(COLUMNS_THERE, (schema, table.name)).fetchall()}
        if there and there != {column.name for column in table.columns}:
            return True
    return False


def _rename(kind: str, present: sql.Identifier, name: str) -> sql.Composed:
    return sql.SQL("ALTER {} {} RENAME TO {}").format(sql.SQL(kind), present, sql.Identifier(name))


def _columns(names: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _index_name(table: Table, columns: tuple[str, ...], suffix: str) -> str:
    return f"{table.name}{suffix}_{'_'.join(columns)}_idx"
