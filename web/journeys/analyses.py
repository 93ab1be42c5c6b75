"""What a utility's analysts ask: figures by period, as they were known at the end of any day. The same for API and console."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from projections.periods import DAY, Granularity, Period, periods
from web.journeys.paging import Page, cut
from web.journeys.refusals import FieldErrors
from web.journeys.visit import Visit
from web.services import Views
from wording.catalogue import N_

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
LONGEST = timedelta(days=3660)

OUT_OF_RANGE = N_("Give a day from 2000 to 2199.")
NOT_YET = N_("This day has not come yet.")
NOT_KNOWN_THEN = N_("Nothing was known of days after the one that is asked as of.")
BACKWARDS = N_("This is before the first day.")
TOO_LONG = N_("Ask for ten years at most.")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: the days from the first to the last, as known at the end of `as_of`, by period."""

    first: date
    last: date
    as_of: date
    granularity: Granularity
    filters: dict[str, str | None]

    def page(self, limit: int, after: date | None = None) -> Page[Period]:
        """This will give up to so many periods, past the one that ended on a day where one pages on."""
        begin = self.first if after is None else max(self.first, after + DAY)
        found = list(islice(periods(begin, self.last, self.granularity), limit + 1))
        return cut(found, limit, lambda period: period.last.isoformat())


Read = Callable[[Views, Sequence[Period], Asked], Awaitable[Sequence[Any]]]


class Analysis(NamedTuple):
    """One question: by what it can be filtered, how many days are shown where nobody says, and how it is read."""

    filters: tuple[str, ...]
    days: int
    read: Read


async def _ageing(views: Views, wanted: Sequence[Period], asked: Asked) -> Sequence[Any]:
    return await views.arrears_ageing.of([period.last for period in wanted])


async def _recovery(views: Views, wanted: Sequence[Period], asked: Asked) -> Sequence[Any]:
    return await views.recovery.of(wanted, as_of=asked.as_of)


async def _sales(views: Views, wanted: Sequence[Period], asked: Asked) -> Sequence[Any]:
    return await views.sales.of(wanted, as_of=asked.as_of, **asked.filters)


async def _redemptions(views: Views, wanted: Sequence[Period], asked: Asked) -> Sequence[Any]:
    return await views.redemption_times.of(wanted, as_of=asked.as_of)


async def _tickets(views: Views, wanted: Sequence[Period], asked: Asked) -> Sequence[Any]:
    return await views.ticket_times.of(wanted, as_of=asked.as_of, **asked.filters)


ANALYSES: Mapping[str, Analysis] = {
    "arrears-ageing": Analysis((), 1, _ageing),
    "recovery": Analysis((), 90, _recovery),
    "sales": Analysis(("resource", "channel"), 30, _sales),
    "redemptions": Analysis((), 30, _redemptions),
    "tickets": Analysis(("topic",), 90, _tickets),
}


async def ask(
    visit: Visit,
    name: str,
    *,
    first: date | None = None,
    last: date | None = None,
    as_of: date | None = None,
    after: date | None = None,
    granularity: str = Granularity.DAY,
    days: int | None = None,
    resource: str | None = None,
    channel: str | None = None,
    topic: str | None = None,
) -> Asked:
    """This will complete what is asked: as of today, up to then, for `days`, or as many as the analysis usually shows.

    Days are the utility's. Raises FieldErrors, which name `from`, `to` and `as_of`.
    """
    zone = (await visit.services.description()).zone
    today = visit.clock().astimezone(ZoneInfo(zone)).date()
    days_given = {"from": first, "to": last, "as_of": as_of, "after": after}
    if wrong := {field: OUT_OF_RANGE for field, day in days_given.items() if day and not EARLIEST <= day <= LATEST}:
        raise FieldErrors(wrong)
    known = as_of or today
    end = last or known
    begin = first or max(EARLIEST, end - timedelta(days=(days or ANALYSES[name].days) - 1))
    if known > today:
        raise FieldErrors({"as_of": NOT_YET})
    if end > known:
        raise FieldErrors({"to": NOT_YET if as_of is None else NOT_KNOWN_THEN})
    if end < begin:
        raise FieldErrors({"to": BACKWARDS} if last else {"from": NOT_YET if as_of is None else NOT_KNOWN_THEN})
    if end - begin > LONGEST:
        raise FieldErrors({"from": TOO_LONG})
    filters = {"resource": resource, "channel": channel, "topic": topic}
    wanted = {field: filters[field] for field in ANALYSES[name].filters}
    return Asked(first=begin, last=end, as_of=known, granularity=Granularity(granularity), filters=wanted)


async def read(visit: Visit, name: str, wanted: Sequence[Period], asked: Asked) -> Sequence[Any]:
    """This will give the rows of some of the periods."""
    return await ANALYSES[name].read(visit.services.views, wanted, asked) if wanted else ()
