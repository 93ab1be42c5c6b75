"""`seed utilities`: where each utility lives, and moving one to another server while it is used."""

from __future__ import annotations

import logging
from contextlib import ExitStack, suppress
from typing import Any

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict

from cli.ground import NotReady, database, master_key
from cli.names import schema_of
from cli.neighbours import utility_codes
from cli.pace import Pace
from cli.release import create_tables
from config import Settings
from eventlog.addresses import without_password
from eventlog.citus import is_citus, move_schema
from eventlog.moves import Book, Standing
from eventlog.moving import MoveImpossible, Mover, Step
from eventlog.secrets import UtilitySecrets
from eventlog.side import MoveUnderWay, ReplicationFails
from projections import analysts

SAID: dict[Step, str] = {
    "noted": "the move is on record; `seed utilities move {code} --back` takes it back at any time",
    "made": "the tables are made at the new address; copying",
    "copied": "copied",
    "subscribed": "the copy follows",
    "both ways": "the way back is prepared",
    "near": "the copy is near; writers will wait for a moment",
    "switched": "switched",
    "one way": "the former place follows the new one",
    "left": "replication has ended",
    "cleared": "what was at the other address is gone",
}
"""What is said once a step is done; held and refused last for milliseconds."""


class ADatabase(click.ParamType):  # type: ignore[type-arg]
    """Where PostgreSQL is: postgresql://…, key=value pairs, `home`, or - to be asked for it."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text: str = click.prompt("Address", hide_input=True) if value == "-" else value
        if text == "home":
            return text
        try:
            known = conninfo_to_dict(text)
        except psycopg.ProgrammingError:
            self.fail("no address such as postgresql://seed@db2.internal/seed", param, ctx)
        if not known:
            self.fail("says nothing", param, ctx)
        return text


@click.group(invoke_without_command=True)
@click.pass_context
def utilities(context: click.Context) -> None:
    """Show where each utility lives, and which are being moved."""
    if context.invoked_subcommand is None:
        _list(context.obj)


@utilities.command()
@click.argument("code")
@click.option("--to", type=ADatabase(), help="Where to: postgresql://…, `home` for DATABASE_URL, or - to be asked for it.")
@click.option("--back", is_flag=True, help="Take the move back: before the switch the copy goes, after it the utility returns.")
@click.option("--finish", is_flag=True, help="End the move: the former place's copy goes, and with it the way back.")
@click.option("--home-as", type=ADatabase(), help="What other servers reach DATABASE_URL's database by, where that differs.")
@click.option("--other-is-lost", is_flag=True, help="With --back or --finish: the copy's server is gone; leave it out.")
@click.pass_obj
def move(
    settings: Settings, code: str, to: str | None, back: bool, finish: bool, home_as: str | None, other_is_lost: bool
) -> None:
    """Move the utility CODE to another PostgreSQL server while it is used (docs/scale-out.md).

    Its schema is copied and followed; for some tenths of a second writers wait, then it lives at the new address, and the former
    place follows it until --finish. Interrupted, the same command goes on where it was, or --back takes it back.

    An address may hold a password, which stands in the list of processes then: give - to be asked for it.
    """
    if (to is not None) + back + finish != 1:
        raise click.UsageError("One of --to, --back and --finish says what to do.")
    if code not in utility_codes(settings):
        raise NotReady(f"There is no utility {code!r}: CODE is one of {', '.join(utility_codes(settings))}.")
    home, secrets = database(settings, running=True), UtilitySecrets(master_key(settings), code)
    try:
        if to is not None and is_citus(home):
            move_schema(home, schema_of(code), to, click.echo)
        else:
            _move(home, code, secrets, to, back=back, home_as=home_as, other_is_lost=other_is_lost)
    except MoveImpossible as error:
        raise NotReady(f"{code}: {error}") from None
    except MoveUnderWay:
        raise NotReady(f"{code}: another command moves it just now: wait for that to end.") from None
    except ReplicationFails:
        raise NotReady(
            f"{code}: replication meets an error again and again; the reason stands in the log of the server that takes the"
            " copy. Mend it and give the command again, or take the move back with --back."
        ) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotReady(
            f"{code}: the database's user may not do this ({error.diag.message_primary}): docs/scale-out.md."
        ) from None


def _move(
    home: str, code: str, secrets: UtilitySecrets, to: str | None, *, back: bool, home_as: str | None, other_is_lost: bool
) -> None:
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    with ExitStack() as stack:
        copying = ExitStack()
        stack.callback(copying.close)
        pace: list[Pace] = []

        def step(name: Step) -> None:
            copying.close()
            pace.clear()
            if name in SAID:
                click.echo(f"{code}: {SAID[name].format(code=code)}.")
            if name == "made":
                pace.append(copying.enter_context(Pace(f"{code} events", _events(mover, home, code))))

        def rows(done: int, new: int) -> None:
            for bar in pace:
                bar(done, new)

        mover = Mover(
            home,
            code,
            schema_of(code),
            secrets,
            lambda connection: create_tables(connection, code, secrets),
            home_reached_by=home_as,
            step=step,
            rows=rows,
        )
        stack.enter_context(mover)
        before = mover.book.standing()
        if back:
            mover.back(other_is_lost=other_is_lost)
        elif to is None:
            mover.finish(other_is_lost=other_is_lost)
        else:
            mover.to(None if to == "home" else to)
        _sum_up(code, mover, before, home, other_is_lost=other_is_lost)


def _sum_up(code: str, mover: Mover, before: Standing, home: str, *, other_is_lost: bool) -> None:
    standing = mover.book.standing()
    held = f" Writers waited for {mover.held_s * 1000:.0f} ms." if mover.held_s else ""
    click.echo(f"{code} lives at {without_password(standing.address)}.{held}")
    if standing.stage == "moved":
        click.echo(f"`seed utilities move {code} --finish` removes the former copy, `--back` returns to it.")
    if standing.stage is None and not other_is_lost:
        left = before.other if standing.address == before.address else before.address
        _remove_analysts(code, left or home)


def _remove_analysts(code: str, dsn: str) -> None:
    """Their roles are a server's own, and read nothing there any more."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('seed.analysts')").fetchone() == (None,):
            return
        names = [each.name for each in analysts.analysts_of(connection, code)]
        for name in names:
            with suppress(analysts.NoSuchAnalyst):
                analysts.remove_analyst(connection, code=code, name=name)
    if names:
        click.echo(f"Analysts were that server's: add {', '.join(names)} again with `seed analyst add`.")


def _events(mover: Mover, home: str, code: str) -> int:
    with psycopg.connect(mover.book.standing().address or home) as connection:
        query = psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(schema_of(code), "events"))
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _list(settings: Settings) -> None:
    key = master_key(settings)
    with psycopg.connect(database(settings, running=True), autocommit=True) as connection:
        for code in utility_codes(settings):
            standing = Book(connection, code, UtilitySecrets(key, code)).standing()
            click.echo(f"{code}  {without_password(standing.address)}{_told(standing)}")


def _told(standing: Standing) -> str:
    other = without_password(standing.other)
    return {
        None: "",
        "copying": f"  a copy is made at {other}",
        "moved": f"  moved; the copy at {other} follows until --finish",
        "clearing": f"  what is at {other} goes: give the command again",
    }[standing.stage]
