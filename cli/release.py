"""`seed release`: bring the database up to this version, before the processes start; running it again changes nothing."""

from __future__ import annotations

import click
import psycopg
from psycopg import sql

from cli.ground import NotReady, data_folder, database, master_key
from cli.names import schema_of
from cli.neighbours import utility_codes
from config import Settings
from eventlog.addresses import address_now, is_moving
from eventlog.control_tables import CONTROL_SCHEMA
from eventlog.schema import RELEASE_LOCK, create_control_schema, create_keys_schema, create_utility_schema
from eventlog.secrets import UtilitySecrets
from notifications.outbox import DELIVERIES_DDL
from projections.analysts import make_views
from projections.projection import Place
from projections.registry import all_projections
from projections.tables import changed_shape, create_statements
from vending.work import KINDS, create_statement


@click.command()
@click.pass_obj
def release(settings: Settings) -> None:
    """Bring the database up to this version of Seed.

    Makes the schemas and tables of every utility in SEED_UTILITIES, and the master key where there is none. It may be run
    again at any time; of several at once one works and the others wait.
    """
    dsn = database(settings)  # first: a command in the wrong folder leaves nothing there
    if settings.master_key is None:
        data_folder(settings)
    key = master_key(settings, create=True)
    with psycopg.connect(dsn, autocommit=True) as connection:
        create_control_schema(connection)
        for place, code in enumerate(utility_codes(settings)):
            secrets = UtilitySecrets(key, code)
            if is_moving(connection, code):
                raise NotReady(f"{code} is being moved: `seed utilities` shows how far that is; end it or take it back first.")
            elsewhere = address_now(connection, code, secrets)
            if elsewhere is None:
                create_utility(connection, code, place, secrets)
                continue
            with psycopg.connect(elsewhere, autocommit=True) as there:
                create_tables(there, code, secrets)
            enter(connection, code, place)
    if settings.keys_database_url is not None:
        with psycopg.connect(settings.keys_database_url, autocommit=True) as connection:
            for code in utility_codes(settings):
                create_keys_schema(connection, schema_of(code))


def create_utility(connection: psycopg.Connection, code: str, place: int, secrets: UtilitySecrets) -> None:
    """This will make all tables of one utility in the deployment's own database, and enter it in the directory."""
    create_tables(connection, code, secrets)
    enter(connection, code, place)


def create_tables(connection: psycopg.Connection, code: str, secrets: UtilitySecrets) -> None:
    """This will make all tables of one utility, where they are missing."""
    schema = schema_of(code)
    create_control_schema(connection)  # in another database too: who reads there as an analyst is written down there
    create_utility_schema(connection, schema)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [RELEASE_LOCK])
        connection.execute("SET LOCAL client_min_messages = warning")
        for projection in all_projections(secrets.mac):
            if changed_shape(connection, schema, projection):
                click.echo(f"{code}: {projection.name} has changed its shape. `seed rebuild {projection.name}` makes it anew.")
                continue
            for statement in create_statements(Place(schema), projection):
                connection.execute(statement)
        make_views(connection, code, schema)
        for kind in KINDS:
            connection.execute(create_statement(schema, kind))
        connection.execute(sql.SQL(DELIVERIES_DDL).format(schema=sql.Identifier(schema)))


def enter(connection: psycopg.Connection, code: str, place: int) -> None:
    """This will enter a utility in the directory."""
    connection.execute(
        sql.SQL("INSERT INTO {} (code, place) VALUES (%s, %s) ON CONFLICT (code) DO UPDATE SET place = excluded.place").format(
            sql.Identifier(CONTROL_SCHEMA, "utilities")
        ),
        (code, place),
    )
