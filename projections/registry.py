"""Every projection there is. A new one is a file beside this and a line below."""

from __future__ import annotations

from domain.links import Mac
from projections.activity import ActivityProjection
from projections.addresses import AddressesProjection
from projections.arrears import ArrearsProjection
from projections.arrears_ageing import ArrearsAgeingProjection
from projections.arrears_shares import ArrearsSharesProjection
from projections.damaged_cards import DamagedCardsProjection
from projections.dashboard import DashboardProjection
from projections.days_left import DaysLeftProjection
from projections.differences import DifferencesProjection
from projections.info_pages import InfoPagesProjection
from projections.projection import Projection
from projections.purchases import PurchasesProjection
from projections.reconciliations import ReconciliationsProjection
from projections.redemption_times import RedemptionTimesProjection
from projections.redemptions import RedemptionsProjection
from projections.sales import SalesProjection
from projections.skipped import SkippedProjection
from projections.ticket_thread import TicketThreadProjection
from projections.ticket_times import TicketTimesProjection
from projections.tickets import TicketsProjection
from projections.tokens import TokensProjection
from projections.usage_months import UsageMonthsProjection


def all_projections(mac: Mac) -> list[Projection]:
    """This will make one of each, for one utility."""
    return [
        DashboardProjection(),
        DaysLeftProjection(),
        ActivityProjection(),
        ArrearsProjection(),
        ArrearsSharesProjection(),
        RedemptionsProjection(),
        PurchasesProjection(),
        AddressesProjection(mac),
        TokensProjection(),
        UsageMonthsProjection(),
        TicketsProjection(),
        TicketThreadProjection(),
        DamagedCardsProjection(),
        ArrearsAgeingProjection(),
        SalesProjection(),
        RedemptionTimesProjection(),
        TicketTimesProjection(),
        InfoPagesProjection(),
        ReconciliationsProjection(),
        DifferencesProjection(),
        SkippedProjection(),
    ]
