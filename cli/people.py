"""`seed people`: let staff, auditors, analysts and operators in to the console, and shut them out."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

import click
import pyotp

from cli.deployment import Deployment, Utility, opened
from cli.ground import NotReady, home
from cli.workers import now
from config import Settings
from web.access.api_keys import HOLDERS
from web.access.people import INVITED_FOR, NameTaken, People, Person
from web.access.roles import Role

UTILITY = click.option("--utility", help="The utility's code; the first one where it is left out.")


@click.group()
def people() -> None:
    """Let staff, auditors, analysts and operators in to the console, and shut them out.

    A person belongs to one utility, has one role, and is called by one name for ever: events say who did what.
    """


@people.command()
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(sorted(role.value for role in HOLDERS)), help="What the person may do.")
@UTILITY
@click.pass_obj
def add(settings: Settings, name: str, role: str, utility: str | None) -> None:
    """Let NAME in, and print the link that they come in with for the first time.

    The link works once, for 72 hours; whoever opens it chooses a password and sets up their phone. Give it to nobody else.
    """

    async def work(deployment: Deployment, chosen: Utility, people: People) -> None:
        try:
            token = await people.add(chosen.code, chosen.secrets, name=name, role=Role(role), now=now())
        except NameTaken:
            raise NotReady(f"{chosen.code} has, or had, somebody called {name}: events name them for ever.") from None
        except ValueError as error:
            raise NotReady(f"{name!r} cannot be a name: {error}.") from None
        _tell_link(chosen, name, token)

    _run(settings, utility, work)


@people.command("list")
@UTILITY
@click.pass_obj
def list_(settings: Settings, utility: str | None) -> None:
    """Show everybody: name, role, and whether they are let in."""

    async def work(deployment: Deployment, chosen: Utility, people: People) -> None:
        for person in await people.all(chosen.code):
            click.echo(f"{person.name:<24} {person.role.value:<10} {_standing(person)}")

    _run(settings, utility, work)


@people.command()
@click.argument("name")
@UTILITY
@click.pass_obj
def disable(settings: Settings, name: str, utility: str | None) -> None:
    """Shut NAME out, and end their sessions at once. `reset` lets them in again."""

    async def work(deployment: Deployment, chosen: Utility, people: People) -> None:
        await people.disable(await _named(chosen, people, name), now())
        click.echo(f"{name} is shut out of {chosen.code}, and signed out.")

    _run(settings, utility, work)


@people.command()
@click.argument("name")
@UTILITY
@click.pass_obj
def reset(settings: Settings, name: str, utility: str | None) -> None:
    """Take password and phone from NAME, end their sessions, and print a new link to come in with."""

    async def work(deployment: Deployment, chosen: Utility, people: People) -> None:
        token = await people.invite_again(chosen.secrets, await _named(chosen, people, name), now())
        _tell_link(chosen, name, token)

    _run(settings, utility, work)


@people.command()
@click.argument("name")
@UTILITY
@click.pass_obj
def code(settings: Settings, name: str, utility: str | None) -> None:
    """Show the code that NAME's phone would show now, for the demo's people, who have no phone."""
    path = home(settings) / "demo.json"
    told = json.loads(path.read_text())["utilities"] if path.exists() else []
    for each in told:
        for person in each["people"]:
            if person["name"] == name and utility in (None, each["code"]):
                click.echo(pyotp.TOTP(person["totp_secret"]).now())
                return
    raise NotReady(f"The demo has nobody called {name}.")


def _run(settings: Settings, code: str | None, work: Callable[[Deployment, Utility, People], Awaitable[Any]]) -> None:
    async def run() -> None:
        async with opened(settings, name="people", connections=2, waits=False) as deployment:
            (chosen, *_) = deployment.chosen(code)
            await work(deployment, chosen, People(deployment.pool, os.urandom))

    asyncio.run(run())


async def _named(chosen: Utility, people: People, name: str) -> Person:
    person = await people.named(chosen.code, name)
    if person is None:
        raise NotReady(f"{chosen.code} has nobody called {name}: `seed people list` shows everybody.")
    return person


def _tell_link(chosen: Utility, name: str, token: str) -> None:
    hours = int(INVITED_FOR.total_seconds() // 3600)
    click.echo(f"{name} comes in with this link, once, within {hours} hours. Give it to nobody else:")
    click.echo(f"{chosen.site}/console/enrol/{token}")


def _standing(person: Person) -> str:
    if person.disabled_at is not None:
        return f"shut out since {person.disabled_at:%Y-%m-%d}"
    if person.password_hash is None:
        return "has not come in yet"
    return f"let in since {person.created_at:%Y-%m-%d}"
