"""What became of a purchase or a redemption, as far as whoever looks may see it: what both have in common."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.wallet import Line, Receipt, Token
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


def shown(receipt: Receipt | None, *, is_own: bool) -> ReceiptShown | None:
    """This will show a receipt to its account's customer, or to whoever else may look."""
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


async def meter_shown(visit: Visit, account_id: UUID, meter_id: UUID | None) -> str | None:
    """This will show the last digits of a meter's number."""
    account = await visit.services.views.dashboard.of(account_id)
    meter = next((m for m in account.meters if m.meter_id == meter_id), None) if account else None
    return masked_number(meter.number) if meter else None


def own_account(visit: Visit) -> UUID:
    """This will give the account that is logged in, asked before anything is waited for. Raises NotFound."""
    if visit.session is None:
        raise NotFound
    return visit.session.account_id
