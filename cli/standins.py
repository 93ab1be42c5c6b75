"""`seed juice` and `seed inbox`: the stand-ins, as they are called on a developer's machine."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from cli.ground import data_folder
from config import Settings


@click.command()
@click.pass_obj
def juice(settings: Settings) -> None:
    """Run the stand-in for Juice, filled with a demo, on SEED_JUICE_PORT."""
    folder = data_folder(settings)
    port = ("--port", settings.juice_port)
    _become("standins.juice", *port, "--state", folder / "juice", "--ready-file", folder / "juice.ready", "--demo")


@click.command()
@click.pass_obj
def inbox(settings: Settings) -> None:
    """Run the catcher of e-mails and SMS: mail server on SEED_INBOX_SMTP_PORT, inbox page on SEED_INBOX_PORT."""
    folder = data_folder(settings)
    ports = ("--smtp-port", settings.inbox_smtp_port, "--http-port", settings.inbox_port)
    _become("standins.inbox", *ports, "--state", folder / "inbox", "--ready-file", folder / "inbox.ready")


def _become(module: str, *words: object) -> NoReturn:
    # The stand-ins share no code with Seed, so this process turns into one of theirs.
    os.execv(sys.executable, [sys.executable, "-m", module, *map(str, words)])  # noqa: S606
