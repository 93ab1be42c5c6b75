"""`seed reconcile`: compare a day's books now, and say what differs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli import telling
from cli.deployment import Deployment, Utility, opened
from cli.ground import NotReady
from cli.workers import context, now
from config import Settings
from projections.differences import DifferenceRow
from vending.gathering import Gathering
from vending.reconciling import AWAY, Compared, DayNotOver, Reconciler, UtilityUnknown

BOOKS = {
    "issued-unknown-to-juice": "Seed's log has it as issued, Juice's list has nothing",
    "juice-unknown-to-seed": "Juice's list has what a message of ours made, Seed's log has nothing issued",
    "issued-twice": "Juice's list has a second transaction for one message",
    "amount-differs": "Juice's list has another amount than Seed's log",
    "number-differs": "Juice's list has another transaction number than Seed's log",
    "charged-without-issue": "the provider took money, Seed's log has nothing issued for it",
    "issued-without-charge": "Seed's log has it as issued, the provider took nothing",
    "charged-amount-differs": "the provider took another amount than was issued",
    "hold-left-open": "the provider holds money for what is known not to be issued",
    "refunded-after-issue": "the provider refunded money for what Seed's log has as issued",
    "charge-disputed": "the customer's bank demands money back for what Seed's log has as issued",
}
"""What each kind of difference says, in a line."""

EARLIEST = 2000
"""A year before that one was mistyped."""


class Day(click.ParamType):  # type: ignore[type-arg]
    """A day such as 2026-03-02."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day such as 2026-03-02", param, ctx)
        if day.year < EARLIEST:
            self.fail(f"{value!r} is before anything was sold", param, ctx)
        return day


@click.command()
@click.option("--utility", help="The utility's code; every one where it is left out.")
@click.option("--day", type=Day(), help="The day, in the utility's zone; the last one that is over where it is left out.")
@click.option("--since", type=Day(), help="Compare every day from this one to --day.")
@click.pass_obj
def reconcile(settings: Settings, utility: str | None, day: date | None, since: date | None) -> None:
    """Compare what Seed's log, Juice and the provider of card payments say of a day, and name every difference.

    The vendor does the same each day by itself. What is found is written down once and listed in the console under "To look
    at"; what differs no more is settled. Afterwards all differences that are still open are shown, of whatever day; exit code 1
    where there are any. What to do about each kind: docs/reconciliation.md.
    """
    if day is not None and since is not None and since > day:
        raise click.BadParameter("is after --day", param_hint="--since")
    if asyncio.run(_reconcile(settings, utility, day, since)):
        sys.exit(1)


def reconciler_of(utility: Utility) -> Reconciler:
    """This will put together what compares a utility's books."""
    gathering = Gathering(utility.portal, utility.juice, utility.cards, utility.views.processes)
    return Reconciler(utility.portal, gathering, Known(utility))


class Known:
    """The utility's open differences, as its read model has them."""

    def __init__(self, utility: Utility) -> None:
        self._views = utility.views

    async def open(self) -> list[DifferenceRow]:
        """This will give all of them."""
        return await self._views.differences.open()

    async def caught_up(self) -> bool:
        """This will wait a little until the read models have what is in the log, and say whether."""
        return await self._views.caught_up(wait_s=10.0)


async def _reconcile(settings: Settings, code: str | None, day: date | None, since: date | None) -> int:
    """The number of differences that are open afterwards."""
    async with opened(settings, name="reconcile", connections=3, waits=False) as deployment:
        return sum([await _one(deployment, utility, day, since) for utility in deployment.chosen(code)])


async def _one(deployment: Deployment, utility: Utility, day: date | None, since: date | None) -> int:
    reconciler, made = reconciler_of(utility), context("system:reconcile")
    try:
        last = day or await reconciler.yesterday(now())
        if since is not None and since > last:
            raise DayNotOver(since.isoformat())
        days = list(_days(since or last, last))
        with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), disable=len(days) < 2) as bar:
            for each in bar.track(days, description=utility.code):
                compared = await reconciler.reconcile(each, made())
                for line in _told(utility.code, compared):
                    bar.console.print(line, highlight=False, soft_wrap=True)
    except DayNotOver as error:
        raise NotReady(f"The day {error} is not over in the zone of {utility.code}: its books are not closed.") from None
    except UtilityUnknown:
        raise NotReady(f"Juice has not described {utility.code} yet: start the vendor first.") from None
    except AWAY as error:
        raise NotReady(f"The books of {utility.code} cannot be read now ({type(error).__name__}): nothing was decided.") from None
    await utility.views.caught_up(wait_s=10.0)
    differences = await utility.views.differences.open()
    for line in _listed(utility.code, differences):
        click.echo(line)
    return len(differences)


def _days(first: date, last: date) -> Iterator[date]:
    for back in range((last - first).days + 1):
        yield first + timedelta(days=back)


def _told(code: str, compared: Compared) -> Iterator[str]:
    sums = compared.sums
    yield f"{code} {compared.day}: {sums.payments} payments issued, {sums.differences} differences"
    yield f"  issued   Seed {telling.money(sums.issued, sums.currency)}, Juice {telling.money(sums.juice_issued, sums.currency)}"
    if sums.provider_charged is not None:
        charged = telling.money(sums.charged, sums.currency), telling.money(sums.provider_charged, sums.currency)
        yield f"  charged  Seed {charged[0]}, provider {charged[1]}"


def _listed(code: str, differences: list[DifferenceRow]) -> Iterator[str]:
    if not differences:
        yield f"{code}: no difference is open."
        return
    yield f"{code}: {len(differences)} open:"
    for row in differences:
        yield f"  {row.day}  {row.kind}: {BOOKS.get(row.kind, '')}"
        figures = telling.money(row.recorded, row.currency), telling.money(row.told, row.told_currency)
        yield f"    Seed {figures[0]}, the other book {figures[1]}"
        names = (("message", row.message_id), ("transaction", row.juice_number), ("payment", row.payment_id))
        yield f"    {', '.join(f'{name} {value}' for name, value in names if value)}"
