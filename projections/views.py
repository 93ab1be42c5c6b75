"""All read models of one utility, to be read."""

from __future__ import annotations

import asyncio

from psycopg import sql

from domain.links import Mac
from eventlog.pool import Read, read
from eventlog.replica import Replica
from projections.activity import ActivityView
from projections.addresses import AddressesView
from projections.arrears import ArrearsView
from projections.arrears_ageing import ArrearsAgeingView
from projections.arrears_shares import ArrearsSharesView
from projections.as_new import AsNew, Told
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
from projections.registry import all_projections
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
    """One utility's questions, answered. A `replica` helps with those that are much of the work: what customers look at most, and
    what analysts ask; `told` is told of each who answered.
    """

    def __init__(
        self, pool: Pool, schema: str, mac: Mac, replica: Replica | None = None, told: Told = lambda served: None
    ) -> None:
        at_once: Read = read
        patiently: Read = read
        if replica is not None:
            tables = [table.name for projection in all_projections(mac) for table in projection.tables]
            at_once = AsNew(replica, schema, tables, told)
            patiently = AsNew(replica, schema, tables, told, patience_s=10.0, lag_s=0.1)
        self._made_of = pool, schema, mac
        self.dashboard = DashboardView(pool, schema)
        self.glance = GlanceView(pool, schema, at_once)
        self.days_left = DaysLeftView(pool, schema)
        self.activity = ActivityView(pool, schema, at_once)
        self.arrears = ArrearsView(pool, schema)
        self.arrears_shares = ArrearsSharesView(pool, schema)
        self.redemptions = RedemptionsView(pool, schema)
        self.tokens = TokensView(pool, schema)
        self.usage_months = UsageMonthsView(pool, schema, at_once)
        self.purchases = PurchasesView(pool, schema)
        self.addresses = AddressesView(pool, schema, mac)
        self.standing = StandingView(pool, schema)
        self.tickets = TicketsView(pool, schema)
        self.ticket_thread = TicketThreadView(pool, schema)
        self.damaged_cards = DamagedCardsView(pool, schema)
        self.arrears_ageing = ArrearsAgeingView(pool, schema, patiently)
        self.recovery = RecoveryView(pool, schema, patiently)
        self.sales = SalesView(pool, schema, patiently)
        self.redemption_times = RedemptionTimesView(pool, schema, patiently)
        self.ticket_times = TicketTimesView(pool, schema, patiently)
        self.info_pages = InfoPagesView(pool, schema)
        self.reconciliations = ReconciliationsView(pool, schema)
        self.differences = DifferencesView(pool, schema)
        self.processes = ProcessesView(pool, schema)
        self._tracking = Tracking(pool, schema)

    def beside(self, replica: Replica, told: Told) -> Views:
        """This will give the same with a replica that answers too."""
        return Views(*self._made_of, replica, told)

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
