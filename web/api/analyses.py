"""Figures for analysts, as JSON a page at a time, or whole as CSV: by `.csv` in the path, or where `Accept` prefers it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from falcon.asgi import Request, Response

from projections.arrears_ageing import Aged
from projections.recovery import Recovered
from projections.redemption_times import Redeemed
from projections.sales import Sale
from projections.ticket_times import TicketTimes
from web.api import analysis_answers as told
from web.api.answers import Answer, units
from web.api.csv_tables import MEDIA_TYPE, send_csv
from web.api.describe import describe
from web.api.wire import answer, query_of, visit_of
from web.journeys import analyses
from web.journeys.analyses import Asked
from web.journeys.visit import Visit

PERIODS_AT_ONCE = 100
"""Of a table that is sent whole."""


def _aged(row: Aged) -> told.Aged:
    return told.Aged(**_same(row))


def _recovered(row: Recovered) -> told.Recovered:
    return told.Recovered(**_same(row), rate=_text(row.rate))


def _sold(row: Sale) -> told.Sold:
    fields = _same(row)
    bought = units(fields.pop("milliunits"))
    return told.Sold(**fields, units=bought)


def _redeemed(row: Redeemed) -> told.Redeemed:
    fields = _same(row)
    del fields["seconds"]
    return told.Redeemed(**fields, average_seconds=_text(row.average_seconds))


def _requested(row: TicketTimes) -> told.Requested:
    fields = _same(row)
    del fields["seconds_to_answer"], fields["seconds_to_close"]
    return told.Requested(**fields, hours_to_answer=_text(row.hours_to_answer), hours_to_close=_text(row.hours_to_close))


class Told(NamedTuple):
    """How one analysis is asked for and told."""

    summary: str
    query: type[told.RangeQuery]
    answer: type[Answer]
    item: type[Answer]
    make: Callable[[Any], Answer]


ANALYSES: Mapping[str, Told] = {
    "arrears-ageing": Told(
        "Open debts by age, at the end of each period; as a rule of the one day that is asked as of.",
        *(told.RangeQuery, told.ArrearsAgeing, told.Aged, _aged),
    ),
    "recovery": Told(
        "How arrears were recovered: what was owed at first, what came and went, what was left; as a rule of 90 days.",
        *(told.RangeQuery, told.Recovery, told.Recovered, _recovered),
    ),
    "sales": Told(
        "What was sold, by channel and resource; as a rule in 30 days.",
        *(told.SalesQuery, told.Sales, told.Sold, _sold),
    ),
    "redemptions": Told(
        "What became of card redemptions, and how fast, by when they began; as a rule in 30 days.",
        *(told.RangeQuery, told.RedemptionTimes, told.Redeemed, _redeemed),
    ),
    "tickets": Told(
        "How fast customers' requests were answered and closed, by when they were opened; as a rule in 90 days.",
        *(told.TicketsQuery, told.TicketTimes, told.Requested, _requested),
    ),
}


def resources() -> Iterator[tuple[str, object]]:
    """This will give the path and the resource of each analysis, and of its table."""
    for name, analysis in ANALYSES.items():
        yield f"/analyses/{name}", _resource(name, analysis, only_csv=False)
        yield f"/analyses/{name}.csv", _resource(name, analysis, only_csv=True)


async def send_table(visit: Visit, resp: Response, name: str, asked: Asked, after: date | None = None) -> None:
    """This will answer with all that is asked for, as CSV."""
    label = f"{name}-{asked.first}-{asked.last}-as-of-{asked.as_of}"
    await send_csv(resp, label, ANALYSES[name].item, _pages(visit, name, asked, after))


async def _pages(visit: Visit, name: str, asked: Asked, after: date | None) -> AsyncIterator[list[Answer]]:
    while True:
        page = asked.page(PERIODS_AT_ONCE, after)
        yield [ANALYSES[name].make(row) for row in await analyses.read(visit, name, page.items, asked)]
        if page.next is None:
            return
        after = date.fromisoformat(page.next)


def _resource(name: str, analysis: Told, *, only_csv: bool) -> object:
    class Analysis:
        """GET /analyses/{name} and GET /analyses/{name}.csv"""

        @describe(
            f"{analysis.summary} A table, whole." if only_csv else analysis.summary,
            query=analysis.query,
            answer=None if only_csv else analysis.answer,
            problems=(401, 422),
            csv=True,
        )
        async def on_get(self, req: Request, resp: Response) -> None:
            visit, query = visit_of(req), query_of(req, analysis.query)
            limit: int = query.pop("limit")
            asked = await analyses.ask(visit, name, **query)
            if only_csv or req.client_prefers(("application/json", MEDIA_TYPE)) == MEDIA_TYPE:
                await send_table(visit, resp, name, asked, query.get("after"))
            else:
                page = asked.page(limit, query.get("after"))
                rows = await analyses.read(visit, name, page.items, asked)
                made: Any = analysis.answer
                answer(req, resp, made(as_of=asked.as_of, items=tuple(map(analysis.make, rows)), next=page.next))
            if not only_csv:
                resp.append_header("Vary", "Accept")

    return Analysis()


def _same(row: Any) -> dict[str, Any]:
    return {field: getattr(row, field) for field in row.__struct_fields__}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
