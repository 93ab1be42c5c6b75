"""All transactions as pages, by kind and period, and the receipt of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from falcon.asgi import Request, Response

from projections.activity import DEFAULT_DAYS, KINDS, ActivityRow
from projections.arrears_shares import ArrearsShareRow
from web.journeys import activity, dashboard
from web.journeys.paging import BY_POSITION, Page
from web.journeys.refusals import FieldErrors
from web.journeys.visit import Visit
from web.site.labels import kinds, resources
from web.site.positions import at_least
from web.site.render import show
from web.site.writing import Writing, writing
from wording.catalogue import N_

SHOWN = 20
"""Transactions on a page."""

PERIODS = {"30": 30, "90": DEFAULT_DAYS, "365": 365, "all": None}
"""Days back from now, by what stands in the address."""

USUAL = str(DEFAULT_DAYS)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the address asks for; empty texts are for everything, or the beginning."""

    kind: str
    period: str
    before: str

    def address(self, before: str = "") -> str:
        """This will give the address of another page of the same list."""
        asked = {"kind": self.kind, "period": "" if self.period == USUAL else self.period, "before": before}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/activity?{query}" if query else "/activity"


class ActivityPage:
    """GET /activity"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show a page of the account's transactions."""
        visit: Visit = req.context.visit
        asked, position = read(req), at_least(req)
        behind = position is not None and not await visit.services.views.reached(position)
        days = PERIODS[asked.period]
        page = await activity.page(
            visit,
            limit=SHOWN,
            before=asked.before or None,
            since=None if days is None else visit.clock() - timedelta(days=days),
            kind=asked.kind or None,
        )
        shares = await visit.services.views.arrears_shares.of_account(visit.account_id) if asked.address() == "/activity" else ()
        await show(req, resp, "activity.html", behind=behind, **facts_of(page, asked, await writing(req), shares))


class Receipt:
    """GET /receipts/{receipt}"""

    async def on_get(self, req: Request, resp: Response, receipt: str) -> None:
        """This will show one transaction of the account that is logged in."""
        visit: Visit = req.context.visit
        if (position := at_least(req)) is not None:
            await visit.services.views.reached(position)
        row = await activity.receipt(visit, receipt)
        board = await dashboard.row(visit)
        meter = next((meter for meter in board.meters if meter.meter_id == row.meter_id), None)
        write = await writing(req)
        facts: dict[str, Any] = {"row": row, "meter": meter, "board": board, "kinds": kinds(write), "resources": resources(write)}
        await show(req, resp, "receipt.html", **facts)


def read(req: Request) -> Asked:
    """This will read what the address asks for. Raises FieldErrors."""
    given = {name: req.params.get(name, "") for name in ("kind", "period", "before")}
    errors = {}
    if given["kind"] not in ("", *KINDS):
        errors["kind"] = N_("There is no such kind of transaction.")
    if given["period"] not in ("", *PERIODS):
        errors["period"] = N_("Choose one of the periods.")
    if not isinstance(given["before"], str) or (given["before"] and not re.fullmatch(BY_POSITION.pattern, given["before"])):
        errors["before"] = N_("That is no place in the list.")
    if errors:
        raise FieldErrors(errors)
    return Asked(kind=str(given["kind"]), period=str(given["period"]) or USUAL, before=str(given["before"]))


def facts_of(page: Page[ActivityRow], asked: Asked, write: Writing, shares: Sequence[ArrearsShareRow] = ()) -> dict[str, Any]:
    """This will gather what the template shows."""
    return {
        "rows": page.items,
        "asked": asked,
        "older": asked.address(page.next) if page.next else None,
        "shares": shares,
        "newest": asked.address() if asked.before else None,
        "kinds": kinds(write),
        "periods": {
            "30": write.gettext("Last 30 days"),
            "90": write.gettext("Last 90 days"),
            "365": write.gettext("Last year"),
            "all": write.gettext("Everything"),
        },
    }
