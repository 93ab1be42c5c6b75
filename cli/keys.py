"""`seed keys`: the keys with which programs of staff, auditors, analysts and operators use the API."""

from __future__ import annotations

import os

import click
import psycopg

from cli.ground import NotReady, database
from cli.workers import now
from config import Settings
from web.access.api_keys import EVERY_UTILITY, HOLDERS, create_api_key, list_api_keys, revoke_api_key
from web.access.roles import Role

ROLES = sorted(role.value for role in HOLDERS)


@click.group()
def keys() -> None:
    """Make, list and revoke API keys.

    A key belongs to one role, opens one utility or all of them, and has a name, which the log gives for whatever is done with it.
    It is shown once, when it is made; what is kept is its hash.
    """


@keys.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What its holder may do.")
@click.option("--utility", default=EVERY_UTILITY, show_default=True, help="The code of the utility it opens; * for every one.")
@click.pass_obj
def add(settings: Settings, name: str, role: str, utility: str) -> None:
    """Make a key called NAME and show it: this once and never again."""
    with psycopg.connect(database(settings, running=True), autocommit=True) as connection:
        codes = [row[0] for row in connection.execute("SELECT code FROM seed.utilities ORDER BY place")]
        if utility not in (EVERY_UTILITY, *codes):
            raise NotReady(f"There is no utility {utility!r}: --utility takes * or one of {', '.join(codes)}.")
        click.echo(create_api_key(connection, os.urandom, utility=utility, role=Role(role), name=name, now=now()))


@keys.command(name="list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """List the keys there are: name, role, utility, since when, and until when where one was revoked."""
    with psycopg.connect(database(settings, running=True), autocommit=True) as connection:
        for key in list_api_keys(connection):
            until = f", revoked {key.revoked_at:%Y-%m-%d %H:%M}Z" if key.revoked_at else ""
            click.echo(f"{key.name}  {key.role.value}  {key.utility}  since {key.created_at:%Y-%m-%d %H:%M}Z{until}")


@keys.command()
@click.argument("name")
@click.option("--utility", help="Only the one that opens this utility; every key of that name where it is left out.")
@click.pass_obj
def revoke(settings: Settings, name: str, utility: str | None) -> None:
    """Revoke every key called NAME: from now on it opens nothing."""
    with psycopg.connect(database(settings, running=True), autocommit=True) as connection:
        revoked = revoke_api_key(connection, name=name, utility=utility, now=now())
    if not revoked:
        raise NotReady(f"No key that still opens anything is called {name!r}: `seed keys list` shows them.")
    click.echo(f"{revoked} revoked.")
