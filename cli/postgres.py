"""`seed postgres`: the embedded server, watched."""

from __future__ import annotations

import signal
import threading

import click

from cli.ground import data_folder
from config import Settings
from eventlog.embedded import EmbeddedServer


@click.command()
@click.pass_obj
def postgres(settings: Settings) -> None:
    """Run the embedded PostgreSQL under SEED_DATA_DIR until stopped, and start it again whenever it dies.

    `seed run` does this by itself. With DATABASE_URL set, Seed does not use it.
    """
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    server = EmbeddedServer(data_folder(settings))
    server.supervise(stopping, restarted=lambda: click.echo("PostgreSQL had died; it runs again."), gently=3)
