"""How far a redemption is: for whoever holds its status token, and for the customer it credits (journeys 12 and 14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.log import Position
from domain.wallet import Line, Token
from projections.redemptions import RedemptionRow
from web.journeys import ids, status_tokens
from web.journeys.refusals import NotFound
from web.journeys.visit import Visit
from wording.masks import masked_number


class ReceiptShown(msgspec.Struct, frozen=True, kw_only=True):
    """Juice's receipt; balances are left out where whoever looks is not logged in to the account."""

    juice_number: str
    happened_at: datetime
    amount: int
    currency: str
    lines: tuple[Line, ...]
    milliunits: int
    unit: str
    tokens: tuple[Token, ...]
    wallet_change: int
    wallet_balance: int | None


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
    named = status_tokens.read(visit, reference)
    redemption_id, account_id = named or (ids.read(reference), _own_account(visit))
    if at_least is not None:
        await visit.services.views.reached(at_least)
    row = await visit.services.views.redemptions.of(redemption_id)
    if row is None and named:
        return _reserved(redemption_id)
    if row is None or row.account_id != account_id:
        raise NotFound
    return await _shown(visit, row, is_own=visit.session is not None and row.account_id == visit.session.account_id)


async def _shown(visit: Visit, row: RedemptionRow, *, is_own: bool) -> RedemptionStatus:
    account = await visit.services.views.dashboard.of(row.account_id)
    meter = next((m for m in account.meters if m.meter_id == row.meter_id), None) if account else None
    return RedemptionStatus(
        redemption_id=row.redemption_id,
        stage=row.stage,
        amount=row.amount,
        currency=row.currency,
        changed_at=row.changed_at,
        receipt=_receipt(row, is_own=is_own),
        rule=row.rule,
        meter=masked_number(meter.number) if meter else None,
        is_own=is_own,
    )


def _receipt(row: RedemptionRow, *, is_own: bool) -> ReceiptShown | None:
    receipt = row.receipt
    if receipt is None:
        return None
    lines = receipt.lines
    if not is_own:
        lines = tuple(msgspec.structs.replace(line, balance_before=None, balance_after=None, description=None) for line in lines)
    return ReceiptShown(
        juice_number=receipt.juice_number,
        happened_at=receipt.happened_at,
        amount=receipt.amount,
        currency=receipt.currency,
        lines=lines,
        milliunits=receipt.milliunits,
        unit=receipt.unit,
        tokens=receipt.tokens,
        wallet_change=receipt.wallet_change,
        wallet_balance=receipt.wallet_balance if is_own else None,
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


def _own_account(visit: Visit) -> UUID:
    """Asked before anything is waited for: whoever has no right gets no work done."""
    if visit.session is None:
        raise NotFound
    return visit.session.account_id
