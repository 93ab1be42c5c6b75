"""`seed race`: many people with the same card at the same moment, card after card."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.checkout import part

SHOWN = 20
"""Broken promises that are printed; all of them are counted."""


@click.command()
@click.option("--racers", default=64, show_default=True, type=click.IntRange(1), help="How many people want each card.")
@click.option("--cards", default=1000, show_default=True, type=click.IntRange(1), help="How many cards.")
@click.option("--seed", default=0, show_default=True, help="Chooses the cards' codes.")
def race(racers: int, cards: int, seed: int) -> None:
    """Have many people redeem the same card at the same moment, and count the credits.

    The whole portal of `seed run`, in a folder and on ports of its own, with several web processes. Each racer comes from an
    address of their own, with a right code: one of them gets the card, the others are told why not. Afterwards each card must be
    credited once, in Seed's log and in the books of Juice's stand-in.

    Exit code 1 where a promise was broken.
    """
    running = part("tests.running").running
    run = part("tests.torture.race").race
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        tempfile.TemporaryDirectory(prefix="seed-race-") as folder,
        running(Path(folder)) as portal,
        Progress(*columns, transient=True) as progress,
    ):
        task = progress.add_task("Cards", total=cards)
        began = time.monotonic()
        raced = asyncio.run(run(portal, racers, cards, seed, lambda: progress.advance(task)))
        took = time.monotonic() - began
    answers = ", ".join(f"{status or 'no answer'} {count}" for status, count in raced.answers.most_common())
    click.echo(f"racers: {racers} for each of {cards} cards ({raced.answers.total() / took:.0f} requests a second)")
    click.echo(f"answers: {answers}")
    if raced.broken_off:
        click.echo("broken off: " + ", ".join(f"{error} {count}" for error, count in raced.broken_off.most_common()))
    click.echo(f"cards that nobody got at first: {raced.untaken}")
    click.echo(f"credits: {raced.credits_here} in Seed, {raced.credits_at_juice} at Juice")
    for promise in raced.violations[:SHOWN]:
        click.echo(promise)
    click.echo(f"violations: {len(raced.violations)}")
    if raced.violations:
        sys.exit(1)
