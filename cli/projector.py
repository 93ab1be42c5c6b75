"""`seed projector`: the read models follow the log."""

from __future__ import annotations

import click

from cli.deployment import Deployment, Utility
from cli.workers import Loop, run_worker
from config import Settings
from eventlog.follower import Follower
from projections.long_readers import LongReaders
from projections.projection import Place
from projections.projector import TRACKED_AS, Projector
from projections.registry import all_projections


@click.command()
@click.pass_obj
def projector(settings: Settings) -> None:
    """Keep the read models up to date with the log. A second one stands by."""
    run_worker(settings, "projector", _loops)


def _loops(deployment: Deployment, utility: Utility) -> list[Loop]:
    work = Projector(all_projections(utility.secrets.mac), Place(utility.schema))
    return [
        Follower(utility.address, utility.log, TRACKED_AS, work.apply, waits_for_disk=False).run,
        LongReaders(utility.pool, utility.code).run,
    ]
