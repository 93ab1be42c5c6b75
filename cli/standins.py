"""`seed juice`, `seed cards` and `seed inbox`: the stand-ins, as they are called on a developer's machine."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

import click

from cli.ground import data_folder
from cli.neighbours import DEMO_CODES
from cli.ports import free_port
from config import Settings

LOOPBACK = "127.0.0.1"

WEBHOOKS = "/api/v1/webhooks/cards"
"""Where a utility's site takes the webhooks of its provider of card payments."""


@click.command()
@click.pass_obj
def juice(settings: Settings) -> None:
    """Run the stand-in for Juice, filled with a demo, on SEED_JUICE_PORT or the port it had before."""
    folder = data_folder(settings)
    port = settings.juice_port or kept_port(folder / "juice.port")
    words = ("--port", port, "--state", folder / "juice", "--ready-file", folder / "juice.ready", "--demo")
    _become("standins.juice", *words, *(() if settings.juice_advice else ("--without-advice",)))


@click.command()
@click.pass_obj
def cards(settings: Settings) -> None:
    """Run the stand-in for the provider of card payments on SEED_CARDS_PORT or the port it had before.

    It tells the demo's utilities on PORT of this machine what happened; no money moves.
    """
    folder = data_folder(settings)
    port = settings.cards_port or kept_port(folder / "cards.port")
    sites = {code: f"http://{code}.localhost:{settings.port}" for code in DEMO_CODES}
    accounts = [word for code, site in sites.items() for word in ("--account", f"{code}={site}{WEBHOOKS}")]
    _become("standins.cards", "--port", port, "--state", folder / "cards", "--ready-file", folder / "cards.ready", *accounts)


@click.command()
@click.pass_obj
def inbox(settings: Settings) -> None:
    """Run the catcher of e-mails and SMS: mail server on SEED_INBOX_SMTP_PORT, inbox page on SEED_INBOX_PORT.

    Where these are not set, on the ports it had before.
    """
    folder = data_folder(settings)
    mail = settings.inbox_smtp_port or kept_port(folder / "inbox-smtp.port")
    page = settings.inbox_port or kept_port(folder / "inbox.port")
    ports = ("--smtp-port", mail, "--http-port", page)
    _become("standins.inbox", *ports, "--state", folder / "inbox", "--ready-file", folder / "inbox.ready")


def kept_port(path: Path) -> int:
    """This will give the port that the file names, where it is still free, or else a free one, which the file names then.

    So a page that somebody has open, or has noted down, is at the same address after the next start.
    """
    try:
        kept = int(path.read_text()) or -1  # 0 would be any
        with socket.create_server((LOOPBACK, kept)):
            return kept
    except (OSError, OverflowError, ValueError):  # no file yet, no port in it, or a port that somebody else has now
        port = free_port(LOOPBACK)
        path.write_text(str(port))
        return port


def _become(module: str, *words: object) -> NoReturn:
    # The stand-ins share no code with Seed, so this process turns into one of theirs.
    os.execv(sys.executable, [sys.executable, "-m", module, *map(str, words)])  # noqa: S606
