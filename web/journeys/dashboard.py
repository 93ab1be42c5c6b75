"""The dashboard: what a customer sees first (journey 6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from domain.log import Position
from projections.activity import DEFAULT_DAYS, ActivityRow
from projections.arrears import ArrearsRow
from projections.dashboard import Dashboard
from web.journeys.days_left import days_left
from web.journeys.refusals import NotYetVisible
from web.journeys.visit import Visit

RECENT = 20


class DashboardPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of the dashboard. `behind` says that the read models have not reached what was asked for.

    `days_left` is how long the power will last at the usage of late; None where that cannot be known.
    """

    dashboard: Dashboard
    activity: list[ActivityRow]
    arrears: list[ArrearsRow]
    days_left: Decimal | None
    behind: bool


async def of(visit: Visit, at_least: Position | None = None) -> DashboardPage:
    """This will give the logged-in account's dashboard, having waited up to 1 s for the position. Raises NotYetVisible."""
    account_id, views = visit.account_id, visit.services.views
    behind = at_least is not None and not await views.reached(at_least)
    shown = await row(visit)
    now = visit.clock()
    return DashboardPage(
        dashboard=shown,
        activity=await views.activity.recent(account_id, limit=RECENT, since=now - timedelta(days=DEFAULT_DAYS)),
        arrears=await views.arrears.of(account_id),
        days_left=days_left(shown, now),
        behind=behind,
    )


async def row(visit: Visit) -> Dashboard:
    """This will give the logged-in account's row alone. Raises NotYetVisible."""
    found = await visit.services.views.dashboard.of(visit.account_id)
    if found is None:
        raise NotYetVisible
    return found


async def activity(
    visit: Visit, *, limit: int, before: tuple[datetime, int] | None = None, since: datetime | None = None
) -> list[ActivityRow]:
    """This will give the account's transactions, newest first, past the row (happened_at, position) `before`."""
    return await visit.services.views.activity.recent(visit.account_id, limit=limit, since=since, before=before)


async def arrears(visit: Visit) -> list[ArrearsRow]:
    """This will give what the account owes, in the order in which it is paid."""
    return await visit.services.views.arrears.of(visit.account_id)
