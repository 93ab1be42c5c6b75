"""`seed rebuild`: build a read model anew beside the live one, compare the two, and swap."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Iterable, Iterator

import click

from cli.deployment import Utility, opened
from cli.ground import NotReady
from cli.pace import Pace
from config import Settings
from projections.comparing import Example, Finding
from projections.projection import Projection
from projections.rebuild import FULL_SPEED, GENTLE, Differs, Rebuild, RebuildUnderWay, Speed
from projections.registry import all_projections

ACCEPT = click.option("--accept", metavar="WORDS", help="What the last run found to differ, word by word: switch all the same.")

SPEED = click.option(
    "--full-speed",
    "speed",
    is_flag=True,
    callback=lambda context, parameter, value: FULL_SPEED if value else GENTLE,
    help="Take no rests: half the time or less, and pages come later meanwhile.",
)


@click.command()
@click.argument("name")
@click.option("--utility", help="The utility's code; every one where it is left out.")
@ACCEPT
@SPEED
@click.pass_obj
def rebuild(settings: Settings, name: str, utility: str | None, accept: str | None, speed: Speed) -> None:
    """Build the read model NAME anew from the log.

    The site goes on with the present one, and comes first: while it builds, it rests half the time. Once the new one has caught
    up, the two are compared row by row; where they hold the same, the new one takes the other's place in one transaction.
    Where they differ, nothing is switched: what differs is shown, with exit code 1, and has to be accepted in its own words.
    Interrupted, the same command goes on where it was.
    """
    if not asyncio.run(_rebuild(settings, name, utility, accept, speed)):
        sys.exit(1)


async def _rebuild(settings: Settings, name: str, code: str | None, accept: str | None, speed: Speed) -> bool:
    async with opened(settings, name="rebuild", connections=3, waits=False) as deployment:
        chosen = deployment.chosen(code)
        await see_that_none_moves(chosen)
        work = [(utility, projection_of(utility, name)) for utility in chosen]
        return all([await rebuilt(utility, each, accept, f"rebuild {name}", speed) for utility, each in work])


async def see_that_none_moves(utilities: Iterable[Utility]) -> None:
    """This will raise NotReady where one of them is being moved: its tables must keep their shape."""
    for utility in utilities:
        if await utility.address.is_moving():
            raise NotReady(f"{utility.code} is being moved: end that or take it back first (`seed utilities`).")


def projection_of(utility: Utility, name: str) -> Projection:
    """This will give the projection of that name. Raises NotReady."""
    known = {projection.name: projection for projection in all_projections(utility.secrets.mac)}
    if name not in known:
        raise NotReady(f"There is no read model {name!r}: NAME is one of {', '.join(known)}.")
    return known[name]


async def rebuilt(utility: Utility, projection: Projection, accept: str | None, command: str, speed: Speed) -> bool:
    """This will rebuild one read model, and say whether it was switched; `command` is what was typed, to be typed again.

    Where somebody sits at a terminal, they are asked for the words at once. Raises NotReady.
    """
    named = f"{utility.code} {projection.name}"
    while True:
        with Pace(named, await utility.views.end_of_log()) as pace:
            work = Rebuild(utility.address, utility.log, projection, pace, accepted=accept, speed=speed)
            try:
                position, differs = await work.run(), None
            except RebuildUnderWay:
                raise NotReady(f"{named} is being rebuilt by somebody else: wait for that to end.") from None
            except Differs as error:
                differs = error
        for note in work.finding.notes if work.finding else ():
            click.echo(f"{named}: {note}")
        if differs is None:
            click.echo(f"{named}: {_switched(work.finding, position)}")
            return True
        for line in _told(named, differs):
            click.echo(line)
        accept = _asked() if accept is None and sys.stdin.isatty() and sys.stdout.isatty() else None
        if not accept:
            click.echo("Nothing was switched; the new tables stay beside. If what differs is as it should be, type:")
            fast = " --full-speed" if speed == FULL_SPEED else ""
            click.echo(f"  seed {command} --utility {utility.code}{fast} --accept {shlex.quote(differs.finding.words)}")
            return False


def _asked() -> str:
    answer: str = click.prompt(
        "Type what differs to switch all the same, or Enter to leave all as it is", default="", show_default=False
    )
    return answer.strip()


def _switched(finding: Finding | None, position: int) -> str:
    if finding is None or not finding.words:
        return f"no difference; switched at position {position}."
    return f"switched at position {position}, with what was accepted: {finding.words}."


def _told(named: str, differs: Differs) -> Iterator[str]:
    if differs.refused:
        yield f"{named}: what was accepted is not what differs."
    yield f"{named}: {differs.finding.words}."
    for example in differs.finding.examples:
        yield f"  {_row(example)}"


def _row(example: Example) -> str:
    key = ", ".join(f"{name} {value}" for name, value in example.key.items())
    if example.shape.kind != "differ":
        return f"{example.shape.table} would {'lose' if example.shape.kind == 'go' else 'gain'} {key}"
    return f"{example.shape.table} {key}: {', '.join(_column(example, name) for name in example.shape.columns)}"


def _column(example: Example, name: str) -> str:
    if name not in example.values:
        return name
    live, new = ("NULL" if value is None else value for value in example.values[name])
    return f"{name} {live} → {new}"
