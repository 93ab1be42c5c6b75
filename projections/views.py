"""All read models of one utility, to be read."""

from __future__ import annotations

import asyncio

from psycopg import sql

from domain.links import Mac
from projections.activity import ActivityView
from projections.addresses import AddressesView
from projections.arrears import ArrearsView
from projections.arrears_ageing import ArrearsAgeingView
from projections.arrears_shares import ArrearsSharesView
from projections.damaged_cards import DamagedCardsView
from projections.dashboard import DashboardView
from projections.days_left import DaysLeftView
from projections.differences import DifferencesView
from projections.glance import GlanceView
from projections.info_pages import InfoPagesView
from projections.processes import ProcessesView
from projections.projector import TRACKED_AS
from projections.purchases import PurchasesView
from projections.reconciliations import ReconciliationsView
from projections.recovery import RecoveryView
from projections.redemption_times import RedemptionTimesView
from projections.redemptions import RedemptionsView
from projections.sales import SalesView
from projections.standing import StandingView
from projections.ticket_thread import TicketThreadView
from projections.ticket_times import TicketTimesView
from projections.tickets import TicketsView
from projections.tokens import TokensView
from projections.usage_months import UsageMonthsView
from projections.view import Pool, View

LOOK_AGAIN_S = 0.01


class Views:
    """One utility's questions, answered."""

    def __init__(self, pool: Pool, schema: str, mac: Mac) -> None:
        self.dashboard = DashboardView(pool, schema)
        self.glance = GlanceView(pool, schema)
        self.days_left = DaysLeftView(pool, schema)
        self.activity = ActivityView(pool, schema)
        self.arrears = ArrearsView(pool, schema)
        self.arrears_shares = ArrearsSharesView(pool, schema)
        self.redemptions = RedemptionsView(pool, schema)
        self.tokens = TokensView(pool, schema)
        self.usage_months = UsageMonthsView(pool, schema)
        self.purchases = PurchasesView(pool, schema)
        self.addresses = AddressesView(pool, schema, mac)
        self.standing = StandingView(pool, schema)
        self.tickets = TicketsView(pool, schema)
        self.ticket_thread = TicketThreadView(pool, schema)
        self.damaged_cards = DamagedCardsView(pool, schema)
        self.arrears_ageing = ArrearsAgeingView(pool, schema)
        self.recovery = RecoveryView(pool, schema)
        self.sales = SalesView(pool, schema)
        self.redemption_times = RedemptionTimesView(pool, schema)
        self.ticket_times = TicketTimesView(pool, schema)
        self.info_pages = InfoPagesView(pool, schema)
        self.reconciliations = ReconciliationsView(pool, schema)
        self.differences = DifferencesView(pool, schema)
        self.processes = ProcessesView(pool, schema)
        self._tracking = Tracking(pool, schema)

    async def position(self) -> int:
        """This will give the position that every read model has reached."""
        return await self._tracking.position()

    async def reached(self, position: int, *, wait_s: float = 1.0) -> bool:
        """This will wait until the read models have reached a position, for `wait_s` seconds at most, and say whether.

        A position that the log has not reached itself is nobody's, and is not waited for.
        """
        return await self._tracking.reached(position, wait_s)

    async def caught_up(self, *, wait_s: float = 1.0) -> bool:
        """This will wait until the read models have what is in the log now, for `wait_s` seconds at most, and say whether."""
        return await self._tracking.reached(await self.end_of_log(), wait_s)

    async def end_of_log(self) -> int:
        """This will give the position of the last event that can be seen."""
        return await self._tracking.end_of_log()


class Tracking(View):
    """How far the projector is."""

    def __init__(self, pool: Pool, schema: str) -> None:
        super().__init__(pool, schema)
        self._known = 0

    async def position(self) -> int:
        """This will read the projector's position."""
        query = sql.SQL("SELECT position FROM {} WHERE name = %s").format(self.place.of("tracking"))
        rows = await self.rows(query, (TRACKED_AS,))
        self._known = max(self._known, rows[0][0] if rows else 0)
        return self._known

    async def reached(self, position: int, wait_s: float) -> bool:
        """This will look again every 10 ms until the position is reached or the time is over."""
        if self._known >= position or await self.position() >= position:
            return True
        if position > await self.end_of_log():
            return False
        deadline = asyncio.get_running_loop().time() + wait_s
        while await self.position() < position:
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(LOOK_AGAIN_S)
        return True

    async def end_of_log(self) -> int:
        """This will give the position of the last event that can be seen."""
        query = sql.SQL("SELECT coalesce(max(notification_id), 0) FROM {}").format(self.place.of("events"))
        end: int = (await self.rows(query, ()))[0][0]
        return end
