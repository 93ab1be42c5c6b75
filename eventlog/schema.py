"""Making the schemas: once, by `release`, before anything else starts. Running it again changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from eventlog import control_tables, utility_tables
from eventlog.control_tables import CONTROL_SCHEMA
from eventlog.tables import Column, Table

VERSION = 2
"""Of the tables below; a release that changes them raises it and says here how to come from the one before."""

COLUMNS_SINCE = {
    2: (utility_tables.TRACKING, ("mark", "events", "batch", "moved_at")),
}
"""Columns that a table of the version before lacks."""

RELEASE_LOCK = 0x5EED_0001
"""Advisory lock: of several releases that run at once, one works and the others wait."""

SCHEMA_VERSION = Table(
    "schema_version",
    "Which version of the tables this schema holds.",
    (
        Column("part", "text", "log."),
        Column("version", "bigint NOT NULL", "Their version."),
        Column("changed_at", "timestamptz NOT NULL DEFAULT now()", "Since when."),
    ),
    key="part",
)


class SchemaIsNewer(Exception):
    """The database was made by a newer version of Seed than this one."""


class SchemaNameInvalid(Exception):
    """A utility's schema is `u_` and its code: lower-case letters, digits and underscores, at most 60 characters."""


def create_control_schema(connection: psycopg.Connection[Any]) -> None:
    """This will make the schema `seed`, where there is none. Raises SchemaIsNewer."""
    _create(connection, CONTROL_SCHEMA, control_tables.TABLES)


def create_utility_schema(connection: psycopg.Connection[Any], schema: str) -> None:
    """This will make one utility's schema with its log, where there is none. Raises SchemaIsNewer, SchemaNameInvalid."""
    _check_name(schema)
    _create(connection, schema, utility_tables.TABLES)


def create_keys_schema(connection: psycopg.Connection[Any], schema: str) -> None:
    """This will make the table of the accounts' keys in a database of their own. Raises SchemaIsNewer, SchemaNameInvalid."""
    _check_name(schema)
    _create(connection, schema, (utility_tables.ACCOUNT_KEYS,))


def _check_name(schema: str) -> None:
    if not re.fullmatch(r"u_[a-z0-9_]{1,60}", schema):
        raise SchemaNameInvalid(schema)


def _create(connection: psycopg.Connection[Any], schema: str, tables: Iterable[Table]) -> None:
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [RELEASE_LOCK])
        connection.execute("SET LOCAL client_min_messages = warning")
        connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(schema)))
        for statement in SCHEMA_VERSION.statements(schema):
            connection.execute(statement)
        place = Identifier(schema, SCHEMA_VERSION.name)
        found = connection.execute(SQL("SELECT version FROM {} WHERE part = 'log'").format(place)).fetchone()
        if found is not None and _number(found) > VERSION:
            raise SchemaIsNewer(f"{schema}: version {_number(found)}, known up to {VERSION}")
        if found is not None:
            _upgrade(connection, schema, _number(found))
        for table in tables:
            for statement in table.statements(schema):
                connection.execute(statement)
        if found is None or _number(found) < VERSION:
            statement = SQL(
                "INSERT INTO {} (part, version) VALUES ('log', %s)"
                " ON CONFLICT (part) DO UPDATE SET version = excluded.version, changed_at = now()"
            ).format(place)
            connection.execute(statement, [VERSION])


def _upgrade(connection: psycopg.Connection[Any], schema: str, version: int) -> None:
    for since, (table, names) in COLUMNS_SINCE.items():
        for column in table.columns:
            if since > version and column.name in names:
                connection.execute(
                    SQL("ALTER TABLE IF EXISTS {} ADD COLUMN IF NOT EXISTS {} {}").format(
                        Identifier(schema, table.name), Identifier(column.name), SQL(column.type)
                    )
                )


def _number(row: Any) -> int:
    return int(row["version"] if isinstance(row, dict) else row[0])
