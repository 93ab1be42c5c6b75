"""`seed analyst`: who reads analysts' views by SQL."""

from __future__ import annotations

import os
from typing import Any

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.ground import NotReady, database, master_key
from cli.names import schema_of
from cli.neighbours import utility_codes
from cli.workers import now
from config import Settings
from eventlog.addresses import address_now
from eventlog.secrets import UtilitySecrets
from projections import analysts

utility_option = click.option("--utility", required=True, help="The utility's code.")


@click.group()
def analyst() -> None:
    """Let analysts read a utility's figures by SQL (docs/analysts.md)."""


@analyst.command()
@click.argument("name")
@utility_option
@click.pass_obj
def add(settings: Settings, name: str, utility: str) -> None:
    """Make a role in the database that reads the analysts' views of one utility, and nothing else.

    Its password is shown once, and kept nowhere.
    """
    with _connected(settings, utility) as connection:
        try:
            role, password = analysts.add_analyst(
                connection, os.urandom, code=utility, schema=schema_of(utility), name=name, now=now()
            )
        except analysts.NameNotUsable as error:
            raise NotReady(f"{name!r} is no name for an analyst: {analysts.NameNotUsable.__doc__}") from error
        except analysts.AnalystExists as error:
            raise NotReady(f"There is an analyst {name!r} of {utility} already: remove that one first.") from error
        except analysts.MayNotMakeRoles as error:
            raise NotReady(f"The user of DATABASE_URL may not make roles ({error}): give it CREATEROLE.") from error
        if settings.database_url is None:
            analysts.close_other_databases(connection)
        left = analysts.left_open(connection, role)
    click.echo(f"role      {role}")
    click.echo(f"password  {password}")
    click.echo(f"connect   psql '{_address(settings, utility, role)}'")
    if _is_replicated(settings, utility):
        click.echo("This leads to the replica (SEED_REPLICA_URL), where the role is known as soon as the replica has caught up.")
    click.echo("The password is shown this once. What there is to read: docs/analysts.md.")
    if left:
        click.echo("\nPostgreSQL lets every role do more than that. Have a superuser give, in this database:\n", err=True)
        for statement in left:
            click.echo(f"  {statement}", err=True)


@analyst.command("list")
@click.option("--utility", help="The utility's code; every one where it is left out.")
@click.pass_obj
def list_(settings: Settings, utility: str | None) -> None:
    """Show the analysts there are."""
    for code in (utility,) if utility is not None else utility_codes(settings):
        with _connected(settings, code) as connection:
            for each in analysts.analysts_of(connection, code):
                click.echo(f"{code}  {each.name}  {each.role}  since {each.created_at:%Y-%m-%d}")


@analyst.command()
@click.argument("name")
@utility_option
@click.pass_obj
def remove(settings: Settings, name: str, utility: str) -> None:
    """End an analyst's sessions, and drop the role."""
    with _connected(settings, utility) as connection:
        try:
            analysts.remove_analyst(connection, code=utility, name=name)
        except analysts.NoSuchAnalyst as error:
            raise NotReady(f"There is no analyst {name!r} of {utility}: see `seed analyst list`.") from error
    click.echo(f"{name} of {utility} is removed.")


def _connected(settings: Settings, utility: str) -> psycopg.Connection[Any]:
    return psycopg.connect(_dsn(settings, utility), autocommit=True, connect_timeout=5)


def _dsn(settings: Settings, utility: str) -> str:
    """Where the utility lives: the roles of its analysts are that server's. Holds a password."""
    codes = utility_codes(settings)
    if utility not in codes:
        raise NotReady(f"There is no utility {utility!r}: --utility takes one of {', '.join(codes)}.")
    home = database(settings, running=True)
    with psycopg.connect(home, autocommit=True, connect_timeout=5) as connection:
        return address_now(connection, utility, UtilitySecrets(master_key(settings), utility)) or home


def _is_replicated(settings: Settings, utility: str) -> bool:
    """Whether SEED_REPLICA_URL is a replica of where the utility lives: it is one of DATABASE_URL."""
    return settings.replica_url is not None and _dsn(settings, utility) == database(settings)


def _address(settings: Settings, utility: str, role: str) -> str:
    dsn = settings.replica_url if settings.replica_url and _is_replicated(settings, utility) else _dsn(settings, utility)
    known = {key: value for key, value in conninfo_to_dict(dsn).items() if key != "password"}
    return make_conninfo("", **{**known, "user": role})
