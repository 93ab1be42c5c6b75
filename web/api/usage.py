"""What the meters of the account that is logged in used, by days and by months."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from falcon.asgi import Request, Response

from web.api import answers
from web.api.answers import Answer, units
from web.api.describe import describe
from web.api.schemas import AtLeast
from web.api.typed import Whole
from web.api.wire import AT_LEAST_HEADER, answer, query_of, visit_of, wait
from web.journeys import dashboard, usage


class UsageQuery(AtLeast):
    days = Whole(least=1, most=92, load_default=30)


class UsageMonthsQuery(AtLeast):
    months = Whole(least=1, most=60, load_default=usage.SHOWN)


class UsedInMonth(Answer, frozen=True):
    """A month as far as it is known: `days_known` of its days. `than_before` and `than_last_year` compare the average day with
    that of the month before and of the same month a year ago: percent more, below zero less; null where that is not known."""

    month: date
    units: str
    days_known: int
    average: str
    than_before: int | None
    than_last_year: int | None


class MeterMonths(Answer, frozen=True):
    """`number` is null where the meter is no longer the account's."""

    meter_id: UUID
    number: str | None
    resource: str
    unit: str
    months: tuple[UsedInMonth, ...]


class UsageMonths(Answer, frozen=True):
    meters: tuple[MeterMonths, ...]


class Usage:
    """GET /me/usage"""

    @describe(
        "What each meter used, day by day.",
        query=UsageQuery,
        headers=AT_LEAST_HEADER,
        answer=answers.Usage,
        problems=(401, 422, 503),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        query = query_of(req, UsageQuery)
        await wait(req, resp, query)
        visit = visit_of(req)
        first = visit.clock().date() - timedelta(days=query["days"])
        answer(req, resp, answers.Usage(meters=answers.usage((await dashboard.row(visit)).usage, first)))


class Months:
    """GET /me/usage/months"""

    @describe(
        "What each meter used, month by month, the latest first, and how that compares.",
        query=UsageMonthsQuery,
        headers=AT_LEAST_HEADER,
        answer=UsageMonths,
        problems=(401, 422, 503),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        query = query_of(req, UsageMonthsQuery)
        await wait(req, resp, query)
        answer(req, resp, UsageMonths(meters=tuple(map(_meter, await usage.of(visit_of(req), query["months"])))))


def _meter(of: usage.MeterUsage) -> MeterMonths:
    return MeterMonths(
        meter_id=of.meter_id,
        number=of.meter.number if of.meter else None,
        resource=of.resource,
        unit=of.unit,
        months=tuple(
            UsedInMonth(
                month=month.month,
                units=units(month.milliunits),
                days_known=month.days_known,
                average=units(round(month.average)),
                than_before=month.than_before,
                than_last_year=month.than_last_year,
            )
            for month in of.months
        ),
    )
