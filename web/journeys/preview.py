"""Where the money will go: a trial vend, before anything is bought or redeemed (journey 11)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from domain.meter import Meter
from domain.wallet import Line
from vending.juice_refusals import BlockedMeter, JuiceRefused, JuiceSilent, JuiceUnreachable
from vending.receipts import receipt_of
from web.access.limits import PREVIEWS
from web.journeys import amounts, dashboard
from web.journeys.normal import Unusable
from web.journeys.refusals import FieldErrors, NothingSold, PreviewNotPossible
from web.journeys.visit import Visit


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What Juice would make of an amount now, in minor units. `shares` has each debt's percentage of a payment, by its id."""

    meter: Meter
    amount: int
    currency: str
    lines: tuple[Line, ...]
    milliunits: int
    unit: str
    wallet_change: int
    wallet_balance: int
    shares: Mapping[str, int]


async def by_credit_card(visit: Visit, meter_id: UUID | None, amount: int) -> Preview:
    """This will preview a purchase by credit card for one of the account's meters.

    Raises FieldErrors where the amount is beyond the limits, and what `of` raises.
    """
    currency = (await dashboard.row(visit)).currency
    checked = amounts.within_limits(amount, currency)
    if isinstance(checked, Unusable):
        raise FieldErrors({"amount": str(checked)})
    return await of(visit, meter_id, amount)


async def of(visit: Visit, meter_id: UUID | None, amount: int) -> Preview:
    """This will preview any amount, such as a Juice card's, for a meter of the account that is logged in.

    Raises NothingSold, PreviewNotPossible, TooManyTries, and the domain's MeterNotOfAccount, AccountHasNoMeter, MeterMustBeNamed.
    """
    await visit.throttles.take(PREVIEWS, str(visit.account_id))
    meter = await visit.services.portal.creditable_meter(visit.account_id, meter_id)
    try:
        reply = await visit.services.juice.trial_vend(amount=amount, meter=meter.number)
    except BlockedMeter:
        raise NothingSold from None
    except (JuiceSilent, JuiceUnreachable, JuiceRefused):
        raise PreviewNotPossible from None
    told = receipt_of(reply, meter.meter_id)
    return Preview(
        meter=meter,
        amount=told.amount,
        currency=told.currency,
        lines=told.lines,
        milliunits=told.milliunits,
        unit=told.unit,
        wallet_change=told.wallet_change,
        wallet_balance=told.wallet_balance,
        shares={debt.debt_id: debt.share for debt in (await dashboard.row(visit)).debts},
    )
