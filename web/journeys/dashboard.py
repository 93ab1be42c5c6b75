"""The dashboard: what a customer sees first (journey 6)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from domain.log import Position
from projections.activity import DEFAULT_DAYS, ActivityRow
from projections.dashboard import Dashboard
from projections.glance import Glance
from web.journeys import days_left, unfinished
from web.journeys.refusals import NotYetVisible
from web.journeys.unfinished import Unfinished
from web.journeys.visit import Visit


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """One debt, in minor units; `share` is its percentage of each transaction."""

    debt_id: str
    description: str
    balance: int
    original: int
    share: int
    plan: str
    opened_on: date


class DashboardPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of the dashboard. `behind` says that the read models have not reached what was asked for.

    `left` is how many days each meter will last at its usage of late; one of which that cannot be known is left out.
    """

    dashboard: Dashboard
    activity: list[ActivityRow]
    arrears: list[Owed]
    left: dict[UUID, Decimal]
    unfinished: tuple[Unfinished, ...]
    behind: bool

    @property
    def days_left(self) -> Decimal | None:
        """How long the power will last: on the electricity meter where it ends first; None where that cannot be known."""
        power = (meter.meter_id for meter in self.dashboard.meters if meter.resource == "electricity")
        return min((self.left[meter_id] for meter_id in power if meter_id in self.left), default=None)


class Seen(NamedTuple):
    """All that a dashboard is made of, as it was read."""

    glance: Glance
    today: date
    behind: bool

    @property
    def of(self) -> tuple[bytes, date, bool]:
        """What it is compared by: two of which this is equal make the same dashboard."""
        return self.glance.digest, self.today, self.behind


async def look(visit: Visit, at_least: Position | None = None) -> Seen:
    """This will read the logged-in account's dashboard, having waited up to 1 s for the position."""
    views, now = visit.services.views, visit.clock()
    behind = at_least is not None and not await views.reached(at_least)
    glance = await views.glance.of(visit.account_id, since=now - timedelta(days=DEFAULT_DAYS), now=now)
    zone = ZoneInfo((await visit.services.description()).zone)
    return Seen(glance, now.astimezone(zone).date(), behind)


def page(seen: Seen) -> DashboardPage:
    """This will make the dashboard of what was read. Raises NotYetVisible."""
    glance = seen.glance
    board = glance.dashboard
    if board is None:
        raise NotYetVisible
    return DashboardPage(
        dashboard=board,
        activity=glance.activity,
        arrears=_owed(board),
        left=days_left.by_meter(glance.left, seen.today),
        unfinished=unfinished.of(glance.purchases, glance.redemptions),
        behind=seen.behind,
    )


async def row(visit: Visit) -> Dashboard:
    """This will give the logged-in account's row alone. Raises NotYetVisible."""
    found = await visit.services.views.dashboard.of(visit.account_id)
    if found is None:
        raise NotYetVisible
    return found


def _owed(shown: Dashboard) -> list[Owed]:
    """In the order in which Juice pays them: 100 % ones first, then the oldest."""
    debts = sorted(shown.debts, key=lambda debt: (debt.share < 100, debt.opened_on, debt.plan, debt.debt_id))
    return [
        Owed(
            debt_id=debt.debt_id,
            description=debt.description,
            balance=debt.balance,
            original=debt.original,
            share=debt.share,
            plan=debt.plan,
            opened_on=date.fromisoformat(debt.opened_on),
        )
        for debt in debts
    ]
