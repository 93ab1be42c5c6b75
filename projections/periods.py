"""A range of days, cut into days, weeks or months."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from psycopg import sql

DAY = timedelta(days=1)

PERIODS = sql.SQL("unnest(%(first)s::date[], %(last)s::date[]) AS period (first, last)")
"""The periods that are asked for, as rows."""


class Granularity(StrEnum):
    """How long a period is. Weeks begin on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Period(NamedTuple):
    """Days from the first to the last, both of them in it."""

    first: date
    last: date


def periods(first: date, last: date, granularity: Granularity) -> Iterator[Period]:
    """This will cut a range of days, oldest first; periods at the ends are as long as the range leaves them."""
    while first <= last:
        end = min(_end(first, granularity), last)
        yield Period(first, end)
        first = end + DAY


def columns(of: Sequence[Period]) -> tuple[list[date], list[date]]:
    """This will give first days and last days, to be handed to `unnest`."""
    return [period.first for period in of], [period.last for period in of]


def sums(names: Iterable[str]) -> sql.Composed:
    """This will give whole sums of columns: PostgreSQL's of bigint are numeric."""
    return sql.SQL(", ").join(sql.SQL("sum({})::bigint").format(sql.Identifier(name)) for name in names)


def _end(day: date, granularity: Granularity) -> date:
    if granularity is Granularity.MONTH:
        return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - DAY
    return day + timedelta(days=6 - day.weekday()) if granularity is Granularity.WEEK else day
