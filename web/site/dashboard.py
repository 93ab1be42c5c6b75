"""The dashboard as a page (journey 6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from falcon.asgi import Request, Response
from markupsafe import Markup

from domain.meter import Meter
from projections.dashboard import Dashboard, MeterUsed
from web.journeys import dashboard
from web.journeys.visit import Visit
from web.site import chart
from web.site.labels import kinds, resources
from web.site.positions import at_least
from web.site.render import show_again
from web.site.writing import Writing

SHOWN_FIRST = 5
"""Transactions that are seen before one asks for more."""


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A meter's month as the page shows it: drawn, in two sentences, and as a table."""

    heading: str
    drawing: Markup
    average: str
    total: str
    rows: tuple[tuple[str, str], ...]


class DashboardPage:
    """GET /dashboard"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show contact info, wallet, arrears, usage and activity of the account that is logged in."""
        visit: Visit = req.context.visit
        seen = await dashboard.look(visit, at_least(req))
        cards_taken = visit.services.cards is not None

        def facts(write: Writing) -> dict[str, Any]:
            return facts_of(dashboard.page(seen), write, cards_taken=cards_taken)

        await show_again(req, resp, "dashboard.html", of=seen.of, facts=facts)


def facts_of(page: dashboard.DashboardPage, write: Writing, *, cards_taken: bool) -> dict[str, Any]:
    """This will gather what the template shows; `cards_taken` says whether credit cards are."""
    board = page.dashboard
    return {
        "page": page,
        "board": board,
        "cards_taken": cards_taken,
        "owed": sum(debt.balance for debt in page.arrears),
        "days_left": None if page.days_left is None else _days(page.days_left, write),
        "others_left": [
            (resources(write)[meter.resource], _days(page.left[meter.meter_id], write))
            for meter in board.meters
            if meter.resource != "electricity" and meter.meter_id in page.left
        ],
        "charts": charts(board, write),
        "shown_first": SHOWN_FIRST,
        "kinds": kinds(write),
        "resources": resources(write),
        "last_purchase": next((row for row in page.activity if row.tokens), None),
        "meter_numbers": {meter.meter_id: meter.number for meter in board.meters},
    }


def charts(board: Dashboard, write: Writing) -> list[Chart]:
    """This will draw a chart for each meter whose usage is known, electricity first."""
    meters = {meter.meter_id: meter for meter in board.meters}
    known = [(meters[used.meter_id], used) for used in board.usage if used.meter_id in meters]
    known.sort(key=lambda pair: (pair[0].resource != "electricity", pair[0].number))
    return [made for meter, used in known if (made := _chart(meter, used, write, several=len(known) > 1)) is not None]


def _chart(meter: Meter, used: MeterUsed, write: Writing, *, several: bool) -> Chart | None:
    shown = chart.latest({day.day: day.milliunits for day in used.days}, used.unit)
    if shown is None:
        return None
    heading = write.gettext("Recent usage")
    if several:
        heading = f"{heading}: {resources(write)[meter.resource]}"
    average = write.gettext("On average %(units)s a day") % {"units": write.units(_rounded(shown.average), used.unit)}
    total = write.gettext("%(units)s in 30 days") % {"units": write.units(_rounded(Decimal(shown.total)), used.unit)}
    first, last = write.day(shown.bars[0][0]), write.day(shown.bars[-1][0])
    drawing = chart.drawn(
        shown,
        key=f"chart-{meter.meter_id}",
        title=heading,
        description=write.gettext("A bar for each day from %(first)s to %(last)s.") % {"first": first, "last": last}
        + f" {average}.",
        label=write.short_day,
        number=write.number,
    )
    rows = tuple(
        (write.short_day(day), "–" if units is None else write.units(units, used.unit)) for day, units in reversed(shown.bars)
    )
    return Chart(heading=heading, drawing=drawing, average=average, total=total, rows=rows)


def _rounded(milliunits: Decimal) -> int:
    """To a tenth of the unit: more would pretend to be exact."""
    return int((milliunits / 100).to_integral_value()) * 100


def _days(left: Decimal, write: Writing) -> str:
    if left < 1:
        return write.gettext("Less than a day")
    return write.ngettext("About %(days)d day", "About %(days)d days", int(left)) % {"days": int(left)}
