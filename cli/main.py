"""The command `seed` and the table of what it can do; a command's code is read only when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from cli.garbage import settle
from config import SettingNotUsable, Settings

COMMANDS = {
    "run": ("cli.run:run", "Start everything on this machine: database, site, workers, and stand-ins for Juice, cards and mail."),
    "release": ("cli.release:release", "Bring the database up to this version of Seed; run before the processes start."),
    "web": ("cli.web:web", "Serve the site and the API."),
    "projector": ("cli.projector:projector", "Keep the read models up to date with the log."),
    "vendor": ("cli.vendor:vendor", "Drive redemptions to their end and take in Juice's feeds."),
    "notifier": ("cli.notifier:notifier", "Send the messages that are due."),
    "postgres": ("cli.postgres:postgres", "Run the embedded PostgreSQL alone, and restart it when it dies."),
    "juice": ("cli.standins:juice", "Run the stand-in for Juice alone."),
    "cards": ("cli.standins:cards", "Run the stand-in for the provider of card payments alone."),
    "inbox": ("cli.standins:inbox", "Run the catcher of e-mails and SMS alone."),
    "keys": ("cli.keys:keys", "Make, list and revoke API keys."),
    "history": ("cli.history:history", "Show what happened to an account, up to any moment."),
    "reconcile": ("cli.reconcile:reconcile", "Compare a day's books with Juice and the provider, and name every difference."),
    "forget": ("cli.forget:forget", "Make what is personal of one customer unreadable, for ever."),
    "analyst": ("cli.analyst:analyst", "Let analysts read a utility's figures by SQL."),
    "people": ("cli.people:people", "Let staff, auditors, analysts and operators in to the console, and shut them out."),
    "simulate": ("cli.simulate:simulate", "Try the promises about money on a simulated clock, with everything failing."),
    "torture": ("cli.torture:torture", "Kill the real processes at random, under load, and check every promise."),
    "race": ("cli.race:race", "Have many people redeem the same card at the same moment, and count the credits."),
    "parked": ("cli.parked:parked", "Show what read models leave out, try it again, or decide that it stays so."),
    "utilities": ("cli.utilities:utilities", "Show where each utility lives, and move one to another server while it is used."),
    "rebuild": ("cli.rebuild:rebuild", "Build a read model anew, beside the live one."),
}
"""Name -> where the click command is, and the line that introduces it."""

SERVICES = {"web", "projector", "vendor", "notifier"}
"""Commands that run until they are stopped, and log JSON lines."""

GIVES_WAY = {"rebuild", "parked"}
"""Commands that build read models anew, which can wait: the portal's processes come first."""

NICENESS = 10
"""Theirs (POSIX): a tenth of the processor time of a process of the portal where both want it, and never nothing."""


class Commands(click.Group):
    """A group that imports a command when it is called, so that `seed --help` answers at once."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=Commands)
@click.pass_context
def seed(context: click.Context) -> None:
    """Seed, the customer portal of Juice.

    `seed run` starts everything with a demo. On servers, run `seed release` once for each version, then `seed web`,
    `seed projector`, `seed vendor` and `seed notifier` as services. Settings come from the environment: docs/settings.md.
    """
    context.obj = Settings.read()
    settle()  # the command's code is there by now
    if context.invoked_subcommand in SERVICES:
        from cli.logs import configure

        configure(context.obj.log_level)


def main() -> None:
    """This will run the command; what a person can mend is said in one line, with exit code 1.

    Files are made for their owner only: among them are keys, messages and passwords of the demo. A command that gives way does so
    from here on: reading its code is most of what a short one does.
    """
    os.umask(0o077)
    if GIVES_WAY.intersection(sys.argv[1:2]):
        os.nice(NICENESS)
    try:
        seed(prog_name="seed")
    except Exception as error:
        line = _one_line(error)
        if line is None:
            raise
        click.echo(f"seed: {line}", err=True)
        sys.exit(1)


def _one_line(error: Exception) -> str | None:
    """This will say what is wrong where the fault is not the program's; None where it is."""
    import psycopg

    from cli.ground import NotReady
    from eventlog.embedded import ServerCannotStart
    from eventlog.leadership import LeadershipLost
    from eventlog.schema import SchemaIsNewer

    if isinstance(error, SettingNotUsable | ServerCannotStart | NotReady):
        return str(error)
    if isinstance(error, LeadershipLost):
        return "Somebody else has taken over what this was doing: wait for that to end, then give the command again."
    if isinstance(error, SchemaIsNewer):
        return f"A later version of Seed has changed the database ({error}): run that version, or restore a backup."
    if isinstance(error, psycopg.OperationalError):
        return f"The database does not answer ({str(error).strip().splitlines()[0]}): is it running, is DATABASE_URL right?"
    return None
