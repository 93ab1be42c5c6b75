"""`seed parked`: what read models leave out since they could not take it; tried again, or left so with a reason on record."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Iterator
from uuid import UUID

import click

from cli.deployment import Utility, opened
from cli.ground import NotReady
from cli.rebuild import ACCEPT, SPEED, projection_of, rebuilt, see_that_none_moves
from cli.workers import context
from config import Settings
from domain.left_out import SkippedWithoutReason, SkipReasonTooLong
from projections.rebuild import Speed
from projections.standing import LeftOut

UTILITY = click.option("--utility", help="The utility's code; every one where it is left out.")


@click.group(invoke_without_command=True)
@UTILITY
@click.pass_context
def parked(context: click.Context, utility: str | None) -> None:
    """Show what read models leave out: since when, from which position of the log on, and why.

    An event that a read model cannot take parks its aggregate there, with all that happens to it later; nothing else is harmed,
    and the log has it all. Once the code was mended: `seed parked retry`. Exit code 1 where anything is left out that
    nobody decided to leave so.
    """
    if context.invoked_subcommand is None and asyncio.run(_listed(context.obj, utility)):
        sys.exit(1)


@parked.command()
@click.argument("name", required=False)
@UTILITY
@ACCEPT
@SPEED
@click.pass_obj
def retry(settings: Settings, name: str | None, utility: str | None, accept: str | None, speed: Speed) -> None:
    """Try again what the read model NAME leaves out, or all that do.

    Rows are fed by several aggregates, and by the order of what happened to all of them: what was left out cannot be put in
    afterwards. So the read model is built anew beside the live one, as by `seed rebuild`, with all that was skipped tried
    again too. The rows that were behind differ then, which is to be accepted in words. Exit code 1 where anything is left out
    still, or nothing was switched.
    """
    if accept is not None and name is None:
        raise click.UsageError("--accept goes with NAME: what differs is another thing in each read model.")
    if not asyncio.run(_retry(settings, name, utility, accept, speed)):
        sys.exit(1)


@parked.command()
@click.argument("name")
@click.argument("aggregate", type=click.UUID)
@click.option("--reason", required=True, help="Why it is left so: up to 500 characters, on record for ever. Name nobody.")
@click.option("--utility", help="The utility's code; the first one where it is left out.")
@click.pass_obj
def skip(settings: Settings, name: str, aggregate: UUID, reason: str, utility: str | None) -> None:
    """Decide that the read model NAME goes on without AGGREGATE.

    Who, when and why are an event in the log. Nothing is raised for it any more, nor shown under what to look at; the
    rows stay as they are, and a later rebuild tries it again.
    """
    asyncio.run(_skip(settings, name, aggregate, reason, utility))


async def _listed(settings: Settings, code: str | None) -> int:
    """How much is left out that nobody decided to leave so."""
    undecided = 0
    async with opened(settings, name="parked", connections=2, waits=False) as deployment:
        for utility in deployment.chosen(code):
            found = await utility.views.standing.left_out(with_skipped=True)
            undecided += sum(row.skipped_at is None for row in found)
            for line in _told(utility.code, found):
                click.echo(line)
    return undecided


def _told(code: str, found: list[LeftOut]) -> Iterator[str]:
    if not found:
        yield f"{code}: nothing is left out."
    for row in found:
        yield f"{code}: {row.follower} leaves out {row.originator_id}"
        yield f"  from position {row.position} on, since {row.parked_at:%Y-%m-%d %H:%M:%S}Z: {row.reason}"
        if row.skipped_at is not None:
            yield f"  skipped by {row.skipped_by}, {row.skipped_at:%Y-%m-%d %H:%M:%S}Z: {row.skipped_because}"


async def _retry(settings: Settings, name: str | None, code: str | None, accept: str | None, speed: Speed) -> bool:
    async with opened(settings, name="parked", connections=3, waits=False) as deployment:
        work = [
            (utility, follower)
            for utility in deployment.chosen(code)
            for follower in dict.fromkeys(row.follower for row in await utility.views.standing.left_out(with_skipped=True))
            if name in (None, follower)
        ]
        await see_that_none_moves(utility for utility, _ in work)
        if not work:
            click.echo(f"{name or 'No read model'} leaves out nothing.")
        return all([await _tried(utility, follower, accept, speed) for utility, follower in work])


async def _tried(utility: Utility, follower: str, accept: str | None, speed: Speed) -> bool:
    click.echo(f"{utility.code} {follower}: built anew beside the live one, since its rows are of several aggregates.")
    if not await rebuilt(utility, projection_of(utility, follower), accept, f"parked retry {follower}", speed):
        return False
    left = [row for row in await utility.views.standing.left_out(with_skipped=True) if row.follower == follower]
    for line in _told(utility.code, left):
        click.echo(line)
    return not left


async def _skip(settings: Settings, name: str, aggregate: UUID, reason: str, code: str | None) -> None:
    async with opened(settings, name="parked", connections=2, waits=False) as deployment:
        (utility, *_) = deployment.chosen(code)
        rows = await utility.views.standing.left_out(with_skipped=True)
        row = next((row for row in rows if (row.follower, row.originator_id) == (name, aggregate)), None)
        if row is None:
            raise NotReady(f"{name} of {utility.code} does not leave out {aggregate}: `seed parked` shows what is left out.")
        try:
            position = await utility.portal.skip_parked(
                context(f"operator:{getpass.getuser()}")(),
                read_model=name,
                aggregate_id=aggregate,
                at_position=row.position,
                error=row.reason,
                reason=reason,
            )
        except SkippedWithoutReason:
            raise NotReady("--reason says nothing.") from None
        except SkipReasonTooLong:
            raise NotReady("--reason may have 500 characters.") from None
        if not position:
            click.echo(f"{utility.code}: that was decided before.")
            return
        click.echo(f"{utility.code}: {name} goes on without {aggregate}. This is in the log at position {position}.")
