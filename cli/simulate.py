"""`seed simulate`: cards and purchases on a simulated clock, with faults that a seed chooses, and each step checked."""

from __future__ import annotations

import sys
import time
from collections import Counter

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.checkout import part

SHOWN = 20
"""Broken promises that are printed; all of them are counted."""


@click.command()
@click.option("--seed", default=0, show_default=True, help="The first history's seed; the next ones follow.")
@click.option("--histories", default=300, show_default=True, type=click.IntRange(1), help="How many histories.")
@click.option("--commands", default=50, show_default=True, type=click.IntRange(1), help="What people do in each.")
def simulate(seed: int, histories: int, commands: int) -> None:
    """Try Seed's promises about money on a simulated clock.

    Each history is the part of Seed that moves money (two web processes, two vendors, a projector, a notifier, with Juice, the
    card provider and the post) while replies are lost and come late, processes die at any step, clocks jump and webhooks come
    twice. The same seed and number of commands is the same history, to the last step: `seed simulate --seed 4711 --histories 1`
    replays one. It needs no database and no network.

    Exit code 1 where a promise was broken.
    """
    many = part("tests.simulation.many")
    faults: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    broken: list[tuple[int, str]] = []
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task("Histories", total=histories)
        for told in many.run_many(seed, histories, commands):
            faults.update(told.faults)
            totals.update(commands=told.commands, answers=told.acknowledged, events=told.events, hours=int(told.hours))
            broken += [(told.seed, promise) for promise in told.violations]
            progress.advance(task)
    took = time.monotonic() - began
    click.echo(f"histories: {histories} (seeds {seed} to {seed + histories - 1})")
    click.echo(f"commands: {totals['commands']} ({totals['commands'] / took:.0f} a second)")
    click.echo(f"answers: {totals['answers']}, events: {totals['events']}, simulated hours: {totals['hours']}")
    click.echo(f"faults: {faults.total()}")
    for kind, count in faults.most_common():
        click.echo(f"  {kind}: {count}")
    for number, promise in broken[:SHOWN]:
        click.echo(f"seed {number}: {promise}")
    click.echo(f"violations: {len(broken)}")
    if broken:
        sys.exit(1)
