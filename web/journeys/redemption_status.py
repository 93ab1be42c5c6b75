"""How far a redemption is: for whoever holds its status token, and for the customer it credits (journeys 12 and 14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.log import Position
from projections.redemptions import RedemptionRow
from web.journeys import ids, receipts, status_tokens
from web.journeys.receipts import ReceiptShown
from web.journeys.refusals import NotFound
from web.journeys.visit import Visit


class RedemptionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far a redemption is. `stage`: reserved, sent, in-doubt, redeemed or proven-absent; `rule` is why Juice refused.

    `is_own`: whoever looks is logged in to the credited account. `meter` shows the last digits of the credited meter's number.
    """

    redemption_id: UUID
    stage: str
    amount: int | None
    currency: str | None
    changed_at: datetime | None
    receipt: ReceiptShown | None
    rule: str | None
    meter: str | None
    is_own: bool

    @property
    def has_ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.stage in ("redeemed", "proven-absent")


async def of(visit: Visit, reference: str, at_least: Position | None = None) -> RedemptionStatus:
    """This will say how far a redemption is, by its status token, or by its id where the credited account is logged in.

    Raises NotFound, also where the redemption is somebody else's.
    """
    named = status_tokens.read(visit, reference, status_tokens.REDEMPTION)
    redemption_id, account_id = named or (ids.read(reference), receipts.own_account(visit))
    if at_least is not None:
        await visit.services.views.reached(at_least)
    row = await visit.services.views.redemptions.of(redemption_id)
    if row is None and named:
        return _reserved(redemption_id)
    if row is None or row.account_id != account_id:
        raise NotFound
    return await _shown(visit, row, is_own=visit.session is not None and row.account_id == visit.session.account_id)


async def _shown(visit: Visit, row: RedemptionRow, *, is_own: bool) -> RedemptionStatus:
    return RedemptionStatus(
        redemption_id=row.redemption_id,
        stage=row.stage,
        amount=row.amount,
        currency=row.currency,
        changed_at=row.changed_at,
        receipt=receipts.shown(row.receipt, is_own=is_own),
        rule=row.rule,
        meter=await receipts.meter_shown(visit, row.account_id, row.meter_id),
        is_own=is_own,
    )


def _reserved(redemption_id: UUID) -> RedemptionStatus:
    """The token proves that the reservation is in the log; the read model has not got there yet."""
    return RedemptionStatus(
        redemption_id=redemption_id,
        stage="reserved",
        amount=None,
        currency=None,
        changed_at=None,
        receipt=None,
        rule=None,
        meter=None,
        is_own=False,
    )
