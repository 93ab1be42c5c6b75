"""A table as data: its columns with their meaning, its key; and the SQL that makes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from psycopg.sql import SQL, Composed, Identifier, Literal


class Column(NamedTuple):
    """One column: name, type with its constraints, and what it means."""

    name: str
    type: str
    meaning: str


class Table(NamedTuple):
    """One table; `options` are storage parameters, `indexes` column lists beside the primary key, `unique` likewise."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: str
    indexes: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    options: str = ""

    def statements(self, schema: str) -> Iterator[Composed]:
        """This will give the SQL that makes the table where there is none, and says what it means."""
        lines = [SQL(f"{column.name} {column.type}") for column in self.columns]
        lines.append(SQL(f"PRIMARY KEY ({self.key})"))
        lines.extend(SQL(f"UNIQUE ({columns})") for columns in self.unique)
        table = Identifier(schema, self.name)
        options = SQL(f" WITH ({self.options})") if self.options else SQL("")
        yield SQL("CREATE TABLE IF NOT EXISTS {} ({}){}").format(table, SQL(", ").join(lines), options)
        for columns in self.indexes:
            index = Identifier(f"{self.name}_by_{columns.replace(', ', '_')}")
            yield SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})").format(index, table, SQL(columns))
        yield SQL("COMMENT ON TABLE {} IS {}").format(table, Literal(self.meaning))
        for column in self.columns:
            place = Identifier(schema, self.name, column.name)
            yield SQL("COMMENT ON COLUMN {} IS {}").format(place, Literal(column.meaning))
