"""Analysts' roles in the database: each reads the analysts' views of one utility, and nothing else.

What a role is denied is denied by privileges, which it cannot change. Its limits of time are defaults, which it can change for
itself: `projections/long_readers.py` ends what stays too long all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from domain.ids import Randomness
from eventlog.schema import RELEASE_LOCK
from projections.analysis_views import VIEWS, view_statements

NAME = re.compile(r"[a-z][a-z0-9_]{0,22}")
"""Together with the longest code it fits into the 63 bytes of a name in PostgreSQL."""

CONNECTIONS = 4
SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "30s",
    "transaction_timeout": "2min",
    "idle_session_timeout": "1h",
    "lock_timeout": "5s",
}
"""A transaction that stays open holds back what PostgreSQL cleans up; one that writes holds back every follower of the log."""

OPEN_TO_ALL = (
    *("pg_current_xact_id", "txid_current", "pg_logical_emit_message", "pg_notify", "pg_export_snapshot"),
    *("lo_creat", "lo_create", "lo_from_bytea", "lo_open", "lo_put", "lo_truncate", "lo_truncate64", "lowrite", "lo_unlink"),
    *("pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock", "pg_try_advisory_lock_shared"),
    *("pg_advisory_xact_lock", "pg_advisory_xact_lock_shared"),
    *("pg_try_advisory_xact_lock", "pg_try_advisory_xact_lock_shared"),
)
"""Functions that PostgreSQL lets everybody call, and with which a reader could write, hold followers back or take their locks."""


class NameNotUsable(Exception):
    """An analyst's name is a lower-case letter followed by up to 22 lower-case letters, digits and underscores."""


class AnalystExists(Exception):
    """There is an analyst of this name, or a role that is called so."""


class NoSuchAnalyst(Exception):
    """There is no analyst of this name."""


class MayNotMakeRoles(Exception):
    """The database's user may not do what this needs; the message names it."""


class Analyst(NamedTuple):
    """Whose role it is, and of which utility."""

    role: str
    name: str
    created_at: datetime


Connection = psycopg.Connection[Any]


def make_views(connection: Connection, code: str, schema: str) -> None:
    """This will make the utility's views, and let its analysts read them. Running it again changes nothing."""
    for view in VIEWS:
        statements = list(view_statements(schema, view))
        try:
            with connection.transaction():
                _run(connection, statements)
        except psycopg.errors.UndefinedColumn:  # its table has another shape still: the rebuild makes the view
            continue
        except psycopg.errors.InvalidTableDefinition:  # an earlier version's view has other columns
            connection.execute(sql.SQL("DROP VIEW {}").format(sql.Identifier(schema, view.name)))
            _run(connection, statements)
    for analyst in analysts_of(connection, code):
        _run(connection, _grants(schema, analyst.role))


def add_analyst(
    connection: Connection, randomness: Randomness, *, code: str, schema: str, name: str, now: datetime
) -> tuple[str, str]:
    """This will make a role, and give its name and password, which is kept nowhere.

    Raises NameNotUsable, AnalystExists, MayNotMakeRoles.
    """
    if not NAME.fullmatch(name):
        raise NameNotUsable(name)
    role = f"analyst_{code}_{name}"
    password = _password(randomness)
    try:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [RELEASE_LOCK])
            close_what_is_open_to_all(connection)
            _run(connection, _creation(connection, role, schema, password))
            _run(connection, _grants(schema, role))
            connection.execute(
                "INSERT INTO seed.analysts (role, utility, name, created_at) VALUES (%s, %s, %s, %s)", [role, code, name, now]
            )
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        raise AnalystExists(name) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise MayNotMakeRoles(error.diag.message_primary or "permission denied") from None
    return role, password


def remove_analyst(connection: Connection, *, code: str, name: str) -> None:
    """This will end the analyst's sessions and drop the role. Raises NoSuchAnalyst."""
    role = next((each.role for each in analysts_of(connection, code) if each.name == name), None)
    if role is None:
        raise NoSuchAnalyst(name)
    with connection.transaction():
        # No new session from here on; those that are open are ended before what they read is taken from them.
        connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(role)))
    connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s", [role])
    with connection.transaction():
        connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
        connection.execute("DELETE FROM seed.analysts WHERE role = %s", [role])


def analysts_of(connection: Connection, code: str) -> list[Analyst]:
    """This will give a utility's analysts, by name."""
    rows = connection.execute("SELECT role, name, created_at FROM seed.analysts WHERE utility = %s ORDER BY name", [code])
    return [Analyst(*row) for row in rows.fetchall()]


def close_what_is_open_to_all(connection: Connection) -> None:
    """This will take from PUBLIC, in this database, what PostgreSQL gives to every role and a reader must not have.

    The database is Seed's own. Where its user may not do all of it, `left_open` tells what stays open.
    """
    for statement in _closings(connection):
        with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(statement)


def close_other_databases(connection: Connection) -> None:
    """This will keep analysts out of the databases that come with every server; for a server that is Seed's own."""
    for database in ("postgres", "template1"):
        connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))


def left_open(connection: Connection, role: str) -> list[str]:
    """This will give the statements that a superuser has still to give, so that the role can do no more than it should."""
    rows = connection.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace"
        " AND p.proname = ANY(%s::text[]) AND has_function_privilege(%s, p.oid, 'EXECUTE') ORDER BY 1",
        [list(OPEN_TO_ALL), role],
    )
    found = [f"REVOKE EXECUTE ON FUNCTION pg_catalog.{row[0]} FROM PUBLIC;" for row in rows.fetchall()]
    [[database, temporary]] = connection.execute(
        "SELECT quote_ident(current_database()), has_database_privilege(%s, current_database(), 'TEMPORARY')", [role]
    ).fetchall()
    others = connection.execute(
        "SELECT quote_ident(datname) FROM pg_database WHERE datallowconn AND datname <> current_database()"
        " AND has_database_privilege(%s, oid, 'CONNECT') ORDER BY datname",
        [role],
    )
    return [
        *([f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;"] if temporary else []),
        *(f"REVOKE CONNECT ON DATABASE {row[0]} FROM PUBLIC;" for row in others.fetchall()),
        *found,
    ]


def _closings(connection: Connection) -> Iterator[sql.Composed]:
    [[database]] = connection.execute("SELECT current_database()").fetchall()
    yield sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database))
    yield sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC").format()
    yield sql.SQL("REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC").format()
    rows = connection.execute(
        "SELECT p.proname, pg_get_function_identity_arguments(p.oid) FROM pg_proc p"
        " WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY(%s::text[])",
        [list(OPEN_TO_ALL)],
    )
    for name, arguments in rows.fetchall():
        yield sql.SQL("REVOKE EXECUTE ON FUNCTION pg_catalog.{}({}) FROM PUBLIC").format(sql.Identifier(name), sql.SQL(arguments))


def _creation(connection: Connection, role: str, schema: str, password: str) -> Iterator[sql.Composed]:
    # Only the verifier leaves this process: a password in a statement could end up in the server's log.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    name = sql.Identifier(role)
    yield sql.SQL(
        "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT {} PASSWORD {}"
    ).format(name, sql.Literal(CONNECTIONS), sql.Literal(verifier))
    for setting, value in SETTINGS.items():
        yield sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.SQL(setting), sql.Literal(value))
    yield sql.SQL("ALTER ROLE {} SET search_path = {}").format(name, sql.Identifier(schema))
    [[superuser]] = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchall()
    if superuser:  # a limit that the role cannot lift itself
        yield sql.SQL("ALTER ROLE {} SET temp_file_limit = '1GB'").format(name)
    else:  # so that its sessions can be seen and ended
        yield sql.SQL("GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET FALSE").format(name)


def _grants(schema: str, role: str) -> Iterator[sql.Composed]:
    yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema), sql.Identifier(role))
    for view in VIEWS:
        yield sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(schema, view.name), sql.Identifier(role))


def _run(connection: Connection, statements: Any) -> None:
    for statement in statements:
        connection.execute(statement)


def _password(randomness: Randomness) -> str:
    return randomness(24).hex()
