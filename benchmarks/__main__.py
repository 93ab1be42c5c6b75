"""Run as a program: measures Seed side by side with its peers, and says of each bar whether it holds.

`python -m benchmarks`; with `--long` what takes long. The status is 1 where a bar is missed or something was not measured.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import results
from benchmarks.arena import Arena
from benchmarks.match import Match
from benchmarks.matches import MATCHES
from benchmarks.report import Report
from tests.pg import served

RESULTS = Path(__file__).parent / "results.json"


@click.command()
@click.option("--only", multiple=True, metavar="NAME", help="A benchmark to run, or the beginning of several names.")
@click.option("--leave-out", multiple=True, metavar="PEER", help="A peer to leave out.")
@click.option("--rounds", type=click.IntRange(min=1), help="How often each contestant works, instead of what is usual.")
@click.option("--long", "is_long", is_flag=True, help="Run what takes long, and only that.")
def main(only: tuple[str, ...], leave_out: tuple[str, ...], rounds: int | None, is_long: bool) -> None:
    """Measure Seed side by side with its peers, and say of each bar whether it holds."""
    matches = chosen(only, frozenset(leave_out), is_long)
    if not matches:
        raise click.UsageError(f"There is no such benchmark. There are: {', '.join(names(is_long))}")
    report = Report()
    for name in leave_out:
        report.leave_out(name, "asked for")
    console = Console(width=None if sys.stdout.isatty() else 180)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        tempfile.TemporaryDirectory(prefix="seed-bench-") as folder,
        served(Path(folder), durable=True) as server,
        Progress(*columns, transient=True, console=Console(stderr=True)) as bar,
    ):
        arena = Arena(Path(folder), server)
        total = sum(len(each.entrants) * (1 + (rounds or each.rounds)) for each in matches)
        task = bar.add_task("", total=total)
        for match in matches:
            title = match.benchmarks[0].name

            def step(what: str, title: str = title) -> None:
                bar.update(task, advance=1, description=f"{title}: {what}")
                if not bar.console.is_terminal:
                    click.echo(f"{title}: {what}", err=True)

            trials = arena.hold(match, rounds or match.rounds, left_out=report.leave_out, step=step)
            report.take(match, trials)
            results.write(RESULTS, report.results)  # what is known so far, whatever ends the rest
    console.print(report.table())
    for line in report.notes():
        console.print(line, soft_wrap=True, highlight=False)
    sys.exit(1 if report.missed or report.not_measured else 0)


def chosen(only: tuple[str, ...], left_out: frozenset[str], is_long: bool) -> list[Match]:
    """This will give the matches that are wanted, each with as much of it as is wanted."""
    wanted = frozenset(name for name in names(is_long) if any(name == each or name.startswith(f"{each}.") for each in only))
    if only and not wanted:
        return []
    parts = (match.of(wanted).without(left_out) for match in MATCHES if match.is_long == is_long)
    return [match for match in parts if match.benchmarks]


def names(is_long: bool) -> list[str]:
    """This will give the names of all benchmarks."""
    return [each.name for match in MATCHES if match.is_long == is_long for each in match.benchmarks]


if __name__ == "__main__":
    main()
