"""`seed torture`: the real processes under load, killed at random, and afterwards every promise checked."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.checkout import part

BAR_S = 10.0
"""A recovery takes no longer."""

SHOWN = 20
"""Broken promises that are printed; all of them are counted."""


@click.command()
@click.option("--kills", default=100, show_default=True, type=click.IntRange(1), help="How many processes are killed.")
@click.option("--seed", default=0, show_default=True, help="Chooses what is killed, and what people do.")
def torture(kills: int, seed: int) -> None:
    """Kill Seed's processes at random, under load, and check every promise afterwards.

    The whole portal of `seed run`, in a folder and on ports of its own: people redeem cards, buy with a credit card, ask and
    change contacts over HTTP, while the site, its workers, the stand-ins and PostgreSQL are killed with kill -9, and started
    again as systemd would. The seed chooses who is killed; when processes answer is their own affair, so no two runs are alike.

    Exit code 1 where a promise was broken.
    """
    running = part("tests.running").running
    run = part("tests.torture.torture").torture
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        tempfile.TemporaryDirectory(prefix="seed-torture-") as folder,
        running(Path(folder)) as portal,
        Progress(*columns, transient=True) as progress,
    ):
        task = progress.add_task("Kills", total=kills)
        told = asyncio.run(run(portal, kills, seed, lambda: progress.advance(task), bar_s=BAR_S))
    _tell(told)
    if told.violations:
        sys.exit(1)


def _tell(told: Any) -> None:
    click.echo(f"kills: {told.kills.total()}{_parts(told.kills)}")
    click.echo(f"acknowledged commands: {told.acknowledged.total()}{_parts(told.acknowledged)}")
    click.echo(f"lost: {told.lost}")
    click.echo(f"doubled: {told.doubled}")
    click.echo(f"purchases: {told.ends.total()}{_parts(told.ends)}")
    click.echo(f"without their end: {told.endless}")
    if (longest := told.longest) is not None:
        killed = ", ".join(longest.killed)
        click.echo(f"recovery: median {told.median:.1f} s, longest {longest.seconds:.1f} s (of {killed})")
        ended = [each.of_all for each in told.recoveries if each.of_all is not None]
        click.echo(f"until all that was under way had ended: longest {max(ended, default=0.0):.1f} s")
    click.echo(f"answers 500: {len(told.unexpected)}")
    for promise in told.violations[:SHOWN]:
        click.echo(promise)
    click.echo(f"violations: {len(told.violations)}")


def _parts(counted: Counter[str]) -> str:
    return f" ({', '.join(f'{kind} {count}' for kind, count in counted.most_common())})" if counted else ""
