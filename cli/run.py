"""`seed run`: everything on one machine, with one command."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from os import getpid
from time import sleep

import click

from cli.checks import check_ports, check_room, only_one, port_to_have
from cli.ground import NotReady, data_folder
from cli.processes import Processes, notice_signals, procfile
from cli.tether import die_with_parent
from cli.welcome import welcome
from config import Settings, passed_on
from eventlog.embedded import EmbeddedServer


@click.command()
@click.pass_obj
def run(settings: Settings) -> None:
    """Start everything on this machine; Ctrl-C stops it all.

    Starts PostgreSQL (unless DATABASE_URL names one), brings the database up to date, and runs the site, the workers, a
    stand-in for Juice filled with a demo and one for the provider of card payments (unless SEED_UTILITIES names real
    utilities), and a catcher of e-mails and SMS (unless SEED_SMTP_HOST names a mail server).
    """
    came = notice_signals()
    folder = data_folder(settings)
    with only_one(folder):
        check_room(folder)
        settings = replace(settings, data_dir=folder, port=port_to_have(settings.host, settings.port, "PORT"))
        check_ports(settings)
        sys.exit(_run(settings, came))


def _run(settings: Settings, came: Callable[[], int | None]) -> int:
    server = None if settings.database_url else EmbeddedServer(settings.data_dir)
    try:
        if server is not None:
            click.echo("Starting PostgreSQL …")
            server.wait_for_supervisor()
            server.start()
        lines = procfile("Procfile")
        environment = passed_on(PORT=str(settings.port), SEED_DATA_DIR=str(settings.data_dir))
        if came() is None:
            _release(lines.pop("release"), environment, came)
        if number := came():
            return 128 + number
        processes = Processes({**_local_lines(settings), **lines}, environment)
        threading.Thread(target=welcome, args=(settings, processes), daemon=True).start()
        return processes.run(came)
    finally:
        if server is not None:
            server.stop()
        click.echo("Seed has stopped.")


def _local_lines(settings: Settings) -> dict[str, str]:
    """What runs beside Seed, less what the settings name a real one for."""
    real = settings.utility_codes
    replaced = {"postgres": settings.database_url, "juice": real, "cards": real, "inbox": settings.smtp_host}
    lines = {name: command for name, command in procfile("Procfile.local").items() if not replaced[name]}
    for name in lines:
        (settings.data_dir / f"{name}.ready").unlink(missing_ok=True)
    return lines


def _release(command: str, environment: dict[str, str], came: Callable[[], int | None]) -> None:
    click.echo("Bringing the database up to date …")
    tethered = partial(die_with_parent, getpid(), signal.SIGTERM)
    release = subprocess.Popen(["/bin/sh", "-c", f"exec {command}"], env=environment, preexec_fn=tethered)
    while release.poll() is None:
        if came() is not None:
            release.kill()  # what it does is done in transactions
        sleep(0.05)
    if release.returncode != 0 and came() is None:
        raise NotReady(f"`{command}` ended with exit code {release.returncode}; its reason stands above.")
