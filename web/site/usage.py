"""Usage as pages: a year of months and the days of one, how they compare, and all days as a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from falcon.asgi import Request, Response
from markupsafe import Markup

from web.journeys import usage
from web.journeys.refusals import FieldErrors
from web.journeys.usage import MeterUsage, MonthUsed
from web.site import chart
from web.site.labels import resources
from web.site.render import show
from web.site.writing import Writing, writing
from web.spreadsheets import MARK, lines
from wording.catalogue import N_

SHOWN_FIRST = 4
"""Months of a meter that are seen before one asks for more."""


class MonthShown(msgspec.Struct, frozen=True, kw_only=True):
    """A month in words; `address` leads to its days; `part` says where not all of it is known."""

    name: str
    address: str
    used: str
    average: str
    compared: tuple[str, ...]
    part: str


class MeterShown(msgspec.Struct, frozen=True, kw_only=True):
    """A meter's usage as the page shows it. `drawing` of the year where there are several months."""

    key: str
    heading: str
    drawing: Markup | None
    months: tuple[MonthShown, ...]
    days_heading: str
    days_drawing: Markup | None
    days: tuple[tuple[str, str], ...]


class UsagePage:
    """GET /usage"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show what each meter used, with the days of the month that is asked for."""
        month = _month(req)
        found = await usage.of(req.context.visit)
        await show(req, resp, "usage.html", **facts_of(found, month, await writing(req)))


class UsageFile:
    """GET /usage.csv"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will send every day that is shown, of every meter, for a spreadsheet."""
        found, write = await usage.of(req.context.visit), await writing(req)
        resp.content_type = "text/csv; charset=utf-8"
        resp.set_header("Content-Disposition", f'attachment; filename="usage-{req.context.visit.clock().date()}.csv"')
        header = [write.gettext(text) for text in (N_("Meter"), N_("Resource"), N_("Day"), N_("Used"), N_("Unit"))]
        resp.data = MARK + lines([header, *rows_of(found, write)])


def facts_of(found: Sequence[MeterUsage], month: date | None, write: Writing) -> dict[str, Any]:
    """This will gather what the template shows."""
    return {"meters": [_shown(each, month, write) for each in found], "month": month, "shown_first": SHOWN_FIRST}


def rows_of(found: Sequence[MeterUsage], write: Writing) -> list[tuple[str, ...]]:
    """This will give a row for each day of each meter."""
    names = resources(write)
    return [
        (
            each.meter.number if each.meter else "",
            names.get(each.resource, each.resource),
            day.isoformat(),
            f"{Decimal(used).scaleb(-3):f}",
            each.unit,
        )
        for each in found
        for day, used in each.days.items()
    ]


def _month(req: Request) -> date | None:
    """Raises FieldErrors."""
    given = req.params.get("month", "")
    if given == "":
        return None
    if not isinstance(given, str) or not re.fullmatch(r"20[0-9]{2}-(?:0[1-9]|1[0-2])", given):
        raise FieldErrors({"month": N_("A month is written like 2026-03.")})
    return date.fromisoformat(f"{given}-01")


def _shown(of: MeterUsage, month: date | None, write: Writing) -> MeterShown:
    name = resources(write).get(of.resource, of.resource)
    heading = f"{name}, {write.gettext('meter %(number)s') % {'number': of.meter.number}}" if of.meter else name
    if of.meter is None:
        heading = write.gettext("%(resource)s, a former meter") % {"resource": name}
    by_month = {each.month: each.milliunits for each in of.months}
    days = chart.of_month(of.days, of.unit, month) if month else chart.latest(of.days, of.unit)
    days_heading = write.month(month) if month else write.gettext("The last 30 days")
    known = days is not None and any(used is not None for _, used in days.bars)
    return MeterShown(
        key=str(of.meter_id),
        heading=heading,
        drawing=_year(of, by_month, heading, write) if len(by_month) > 1 else None,
        months=tuple(_in_words(each, of.unit, write, is_last=place == 0) for place, each in enumerate(of.months)),
        days_heading=days_heading,
        days_drawing=_days(of, days, f"{heading}: {days_heading}", write) if days and known else None,
        days=tuple(
            (write.short_day(day), "–" if used is None else write.units(used, of.unit)) for day, used in reversed(days.bars)
        )
        if days and known
        else (),
    )


def _year(of: MeterUsage, by_month: Mapping[date, int], title: str, write: Writing) -> Markup:
    shown = chart.year(by_month, of.unit)
    ends = {"first": write.month(shown.bars[0][0]), "last": write.month(shown.bars[-1][0])}
    return chart.drawn(
        shown,
        key=f"year-{of.meter_id}",
        title=title,
        description=write.gettext("A bar for each month from %(first)s to %(last)s.") % ends,
        label=write.short_month,
        number=write.number,
        with_average=False,
    )


def _days(of: MeterUsage, shown: chart.Bars, title: str, write: Writing) -> Markup:
    ends = {"first": write.day(shown.bars[0][0]), "last": write.day(shown.bars[-1][0])}
    return chart.drawn(
        shown,
        key=f"days-{of.meter_id}",
        title=title,
        description=write.gettext("A bar for each day from %(first)s to %(last)s.") % ends,
        label=write.short_day,
        number=write.number,
    )


def _in_words(month: MonthUsed, unit: str, write: Writing, *, is_last: bool) -> MonthShown:
    compared = []
    if month.than_before is not None:
        compared.append(_than(month.than_before, write.gettext("the month before"), write))
    if month.than_last_year is not None:
        compared.append(_than(month.than_last_year, write.gettext("a year ago"), write))
    return MonthShown(
        name=write.month(month.month),
        address=f"/usage?month={month.month:%Y-%m}",
        used=write.units(_rounded(Decimal(month.milliunits)), unit),
        average=write.gettext("%(units)s a day") % {"units": write.units(_rounded(month.average), unit)},
        compared=tuple(compared),
        part=_part(month, is_last, write),
    )


def _part(month: MonthUsed, is_last: bool, write: Writing) -> str:
    if month.days_known == (usage.month_before(month.month, -1) - month.month).days:
        return ""
    if is_last:
        return write.gettext("so far")
    return write.ngettext("%(count)d day known", "%(count)d days known", month.days_known) % {"count": month.days_known}


def _rounded(milliunits: Decimal) -> int:
    """To a tenth of the unit: more is read by nobody. The file has it all."""
    return int((milliunits / 100).to_integral_value()) * 100


def _than(percent: int, other: str, write: Writing) -> str:
    """Small differences are none: one warm day makes them."""
    if abs(percent) < 2:
        return write.gettext("about as much as %(other)s") % {"other": other}
    share = write.number(Decimal(abs(percent)))
    if percent > 0:
        return write.gettext("%(share)s %% more than %(other)s") % {"share": share, "other": other}
    return write.gettext("%(share)s %% less than %(other)s") % {"share": share, "other": other}
