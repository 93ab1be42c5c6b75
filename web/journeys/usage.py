"""What each meter used, month by month and day by day, and how that compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID

import msgspec

from domain.meter import Meter
from projections.usage_months import UsageMonth
from web.journeys import dashboard
from web.journeys.visit import Visit

SHOWN = 13
"""Months that are shown: a year, and the same month of the year before."""

ENOUGH = 7
"""Days that must be known of a month before it is compared with another."""


class MonthUsed(msgspec.Struct, frozen=True, kw_only=True):
    """A meter's month, in thousandths of its unit. What it is compared with is the average of a day: months are not as long.

    `than_before` and `than_last_year` are percentages more (or less, below zero); None where one of both is not known.
    """

    month: date
    milliunits: int
    days_known: int
    average: Decimal
    than_before: int | None
    than_last_year: int | None


class MeterUsage(msgspec.Struct, frozen=True, kw_only=True):
    """One meter: `months` the latest first, `days` by date. `meter` is None where it is no longer the account's."""

    meter_id: UUID
    meter: Meter | None
    resource: str
    unit: str
    months: tuple[MonthUsed, ...]
    days: Mapping[date, int]


async def of(visit: Visit, months: int = SHOWN) -> list[MeterUsage]:
    """This will give the last months of each meter whose usage is known, electricity first. Raises NotYetVisible."""
    first = month_before(visit.clock().date(), months - 1)
    row = await dashboard.row(visit)
    # A year more than is shown, to compare with.
    known = await visit.services.views.usage_months.of(visit.account_id, since=month_before(first, 12))
    return meters_of(known, {meter.meter_id: meter for meter in row.meters}, first)


def meters_of(known: Sequence[UsageMonth], meters: Mapping[UUID, Meter], first: date) -> list[MeterUsage]:
    """This will put the months of each meter together, from the month of `first` on."""
    found = []
    for meter_id, rows in groupby(known, key=lambda row: row.meter_id):
        by_month = {row.month: row for row in rows}
        latest = by_month[max(by_month)]
        shown = tuple(_compared(by_month, first))[::-1]
        if shown:
            found.append(
                MeterUsage(
                    meter_id=meter_id,
                    meter=meters.get(meter_id),
                    resource=latest.resource,
                    unit=latest.unit,
                    months=shown,
                    days={
                        row.month.replace(day=day): used
                        for row in by_month.values()
                        for day, used in sorted(row.days.items())
                        if row.month >= first
                    },
                )
            )
    found.sort(key=lambda each: (each.meter is None, each.resource != "electricity", each.meter.number if each.meter else ""))
    return found


def than(average: Decimal, days: int, other: UsageMonth | None) -> int | None:
    """This will say by how many percent a month's daily average is above another month's; None where that says nothing."""
    if other is None or days < ENOUGH or len(other.days) < ENOUGH or other.milliunits <= 0:
        return None
    return int(((average * len(other.days) / other.milliunits - 1) * 100).to_integral_value())


def month_before(day: date, months: int = 1) -> date:
    """This will give the first day of the month so many months before a day's."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def _compared(by_month: Mapping[date, UsageMonth], first: date) -> Iterator[MonthUsed]:
    for month in sorted(by_month):
        row = by_month[month]
        if month < first or not row.days:
            continue
        average = Decimal(row.milliunits) / len(row.days)
        yield MonthUsed(
            month=month,
            milliunits=row.milliunits,
            days_known=len(row.days),
            average=average,
            than_before=than(average, len(row.days), by_month.get(month_before(month))),
            than_last_year=than(average, len(row.days), by_month.get(month_before(month, 12))),
        )


def latest_days(usage: MeterUsage, days: int) -> dict[date, int]:
    """This will give the days up to the last one that is known."""
    last = max(usage.days)
    return {day: used for day, used in usage.days.items() if day > last - timedelta(days=days)}
