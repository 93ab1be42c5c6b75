"""Paying a debt off faster: a larger share of each purchase, within the limits that Juice tells."""

from __future__ import annotations

import asyncio
import statistics
from datetime import date

import msgspec

from domain.arrears_share import ShareAboveLimit, ShareBelowUtilitys, ShareUnchanged
from domain.log import Position
from domain.purchase_limits import limits
from projections.arrears_shares import ArrearsShareRow
from vending.juice_answers import ShareLimits
from vending.juice_refusals import JuiceRefused, JuiceSilent, JuiceUnreachable
from web.access.limits import SHARES_CHOSEN
from web.journeys import arrears, dashboard, once
from web.journeys.arrears import BOUGHT, DebtShown, at_share
from web.journeys.authentication import check_fresh
from web.journeys.paid_off import paid_off_on
from web.journeys.refusals import FieldErrors, SharesNotTold
from web.journeys.share_effect import Split, split, with_share
from web.journeys.visit import Visit
from wording.catalogue import N_

NOT_OWED = N_("Choose one of the debts that can be paid off faster.")
SAYS = {
    ShareBelowUtilitys: N_("The utility itself takes more than that of each purchase. Choose its share, or more."),
    ShareAboveLimit: N_("That is more than the utility lets go to this debt: something of each purchase has to buy power."),
    ShareUnchanged: N_("That share goes to the debt already. Choose another."),
}

LATE = 10
"""So many purchases of late say what a usual one is."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One debt: its share now, what may be chosen, and what was chosen last."""

    limits: ShareLimits
    last: ArrearsShareRow | None

    @property
    def can_change(self) -> bool:
        """Whether there is anything to choose, and no choice waits for Juice."""
        return self.limits.least < self.limits.most and not (self.last is not None and self.last.under_way)


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """All debts in the order in which Juice pays them; `usual` is what a purchase of late was worth, in minor units."""

    currency: str
    choices: tuple[Choice, ...]
    usual: int


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What a share would change for a purchase of `amount`: the split now and then, and when the debt is paid off."""

    debt_id: str
    share: int
    amount: int
    now: Split
    then: Split
    paid_off_now: date | None
    paid_off_then: date | None


async def of(visit: Visit) -> Shares:
    """This will give what may be chosen, by Juice's word of just now. Raises SharesNotTold."""
    views = visit.services.views
    told, row, chosen, recent = await asyncio.gather(
        _told(visit),
        dashboard.row(visit),
        views.arrears_shares.of_account(visit.account_id),
        views.activity.recent(visit.account_id, limit=LATE * 4),
    )
    last = {each.debt_id: each for each in chosen}
    bought = [each.amount for each in recent if each.kind in BOUGHT and each.amount > 0][:LATE]
    return Shares(
        currency=row.currency,
        choices=tuple(Choice(limits=debt, last=last.get(debt.debt)) for debt in told if debt.balance > 0),
        usual=int(statistics.median_low(bought)) if bought else limits(row.currency).least,
    )


async def effect(visit: Visit, shares: Shares, debt_id: str, share: int, amount: int | None = None) -> Effect:
    """This will say what that share would change, for a purchase of `amount` or a usual one. Raises FieldErrors."""
    debt = _checked(shares, debt_id, share).limits
    owed = next((each for each in (await arrears.of(visit)).debts if each.debt_id == debt_id), None)
    debts = [choice.limits for choice in shares.choices]
    worth, then = amount or shares.usual, with_share(debts, debt_id, share)
    return Effect(
        debt_id=debt_id,
        share=share,
        amount=worth,
        now=split(worth, debts),
        then=split(worth, then),
        paid_off_now=_paid_off(visit, debt, debt.share, owed),
        paid_off_then=_paid_off(visit, debt, share, owed),
    )


async def choose(visit: Visit, debt_id: str, share: int, idempotency_key: str) -> Position:
    """This will have that share of each purchase go to the debt, once Juice takes it; the same key with the same choice is one.

    Raises PasswordNeededAgain, FieldErrors, TooManyTries, SharesNotTold, KeyUsedForAnother, StillRunning, and the domain's
    ShareUnderWay.
    """
    account_id = visit.account_id
    request = once.Request(
        scope=f"account:{account_id}:arrears-share", key=idempotency_key, body=msgspec.json.encode([debt_id, share])
    )

    async def command(claim: once.Claim) -> Position:
        check_fresh(visit)
        debt = _debt(await _told(visit), debt_id)
        await visit.throttles.take(SHARES_CHOSEN, account_id)
        return await visit.services.portal.choose_share(
            visit.context(),
            account_id=account_id,
            debt_id=debt.debt,
            description=debt.description,
            share=share,
            present=debt.share,
            least=debt.least,
            most=debt.most,
            answer=claim.answered(200, b""),
        )

    try:
        return await once.run(visit, request, command, lambda body, position: position)
    except (ShareBelowUtilitys, ShareAboveLimit, ShareUnchanged) as refusal:
        raise FieldErrors({"share": SAYS[type(refusal)]}) from None


async def _told(visit: Visit) -> tuple[ShareLimits, ...]:
    account = await visit.services.portal.account(visit.account_id)
    try:
        return await visit.services.juice.share_limits(account=account.number)
    except (JuiceRefused, JuiceSilent, JuiceUnreachable):
        raise SharesNotTold from None


def _debt(told: tuple[ShareLimits, ...], debt_id: str) -> ShareLimits:
    for debt in told:
        if debt.debt == debt_id:
            return debt
    raise FieldErrors({"debt_id": NOT_OWED})


def _checked(shares: Shares, debt_id: str, share: int) -> Choice:
    debt = _debt(tuple(choice.limits for choice in shares.choices), debt_id)
    if share < debt.least:
        raise FieldErrors({"share": SAYS[ShareBelowUtilitys]})
    if share > debt.most:
        raise FieldErrors({"share": SAYS[ShareAboveLimit]})
    return next(choice for choice in shares.choices if choice.limits is debt)


def _paid_off(visit: Visit, debt: ShareLimits, share: int, owed: DebtShown | None) -> date | None:
    """None where nothing is known of the pace, or an earlier debt takes each payment whole."""
    if owed is None or owed.waits:
        return None
    return paid_off_on(debt.balance, owed.opened_on, at_share(owed.payments, share), visit.clock().date())
