"""What the account owes: each debt, in the order in which Juice pays it, and what was paid towards it lately."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import msgspec

from domain.log import Position
from domain.wallet import Line
from projections.activity import ActivityRow
from projections.arrears import ArrearsRow
from web.journeys import dashboard
from web.journeys.paid_off import paid_off_on
from web.journeys.visit import Visit

LOOKED_BACK = timedelta(days=365)
MOST = 400
"""Transactions of the last year that are looked at."""

BOUGHT = ("Cash", "Cash-CC", "Cash-Check", "Cash-DC", "JC")
"""Kinds of a transaction of which each debt takes its share; others bring a debt what they bring it, whatever its share is."""


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a transaction that went to a debt, in minor units, with the debt's balance before and after.

    `bought`: what the whole transaction was, where the debt takes a share of it; negative where that was taken back.
    """

    juice_number: str
    happened_at: datetime
    amount: int
    balance_before: int | None
    balance_after: int | None
    bought: int | None = None

    def at_share(self, share: int) -> int:
        """This will give what the same purchase brings the debt at that share, in percent."""
        return self.amount if self.bought is None else self.bought * share // 100


class DebtShown(msgspec.Struct, frozen=True, kw_only=True):
    """One debt, in minor units; `payments` of the last year, the latest first.

    `waits`: an earlier one takes each payment whole, so that nothing comes to this one before that one is paid.
    `paid_off_on`: if one goes on buying as of late, at the share of now; None where that cannot be known.
    """

    debt_id: str
    description: str
    balance: int
    original: int
    share: int
    plan: str
    opened_on: date
    waits: bool
    paid_off_on: date | None
    payments: tuple[Payment, ...]


class PaidOff(msgspec.Struct, frozen=True, kw_only=True):
    """A debt that a transaction of the last year paid the rest of."""

    description: str
    paid_at: datetime
    juice_number: str


class Arrears(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `behind`: what was done last may not be shown yet."""

    currency: str
    debts: tuple[DebtShown, ...]
    paid_off: tuple[PaidOff, ...]
    behind: bool

    @property
    def total(self) -> int:
        """What is owed in all, in minor units."""
        return sum(debt.balance for debt in self.debts)


async def of(visit: Visit, at_least: Position | None = None) -> Arrears:
    """This will give what the logged-in account owes, the debt that is paid first before the others. Raises NotYetVisible."""
    views, now = visit.services.views, visit.clock()
    behind = at_least is not None and not await views.reached(at_least)
    row, debts, paying = await asyncio.gather(
        dashboard.row(visit),
        views.arrears.of(visit.account_id),
        views.activity.towards_arrears(visit.account_id, since=now - LOOKED_BACK, limit=MOST),
    )
    return Arrears(
        currency=row.currency,
        debts=tuple(shown([debt for debt in debts if debt.balance > 0], paying, now.date())),
        paid_off=tuple(paid_off(debts, paying)),
        behind=behind,
    )


def shown(debts: Sequence[ArrearsRow], paying: Sequence[ActivityRow], today: date) -> Iterator[DebtShown]:
    """This will put to each debt what was paid towards it; both come in their order."""
    waits = False
    for debt in debts:
        payments = tuple(_payments(debt.debt_id, paying))
        paid = at_share(payments, debt.share)
        yield DebtShown(
            debt_id=debt.debt_id,
            description=debt.description,
            balance=debt.balance,
            original=debt.original,
            share=debt.share,
            plan=debt.plan,
            opened_on=debt.opened_on,
            waits=waits,
            paid_off_on=None if waits else paid_off_on(debt.balance, debt.opened_on, paid, today),
            payments=payments,
        )
        waits = waits or debt.share >= 100


def at_share(payments: Sequence[Payment], share: int) -> list[tuple[date, int]]:
    """This will give the pace of late as it would be at that share: what was paid before a share changed was paid at another."""
    return [(payment.happened_at.date(), payment.at_share(share)) for payment in payments]


def paid_off(debts: Sequence[ArrearsRow], paying: Sequence[ActivityRow]) -> Iterator[PaidOff]:
    """This will name the debts that were paid to the end lately, the latest first."""
    named = {debt.debt_id for debt in debts if debt.balance > 0}
    for row in paying:
        for line in row.lines:
            if line.kind == "arrears" and line.balance_after == 0 and line.debt_id not in named:
                named.add(line.debt_id or "")
                yield PaidOff(description=line.description or "", paid_at=row.happened_at, juice_number=row.juice_number)


def _payments(debt_id: str, paying: Sequence[ActivityRow]) -> Iterator[Payment]:
    for row in paying:
        for line in row.lines:
            if line.kind == "arrears" and line.debt_id == debt_id:
                yield Payment(
                    juice_number=row.juice_number,
                    happened_at=row.happened_at,
                    amount=line.amount,
                    balance_before=line.balance_before,
                    balance_after=line.balance_after,
                    bought=row.amount if _shared(row, line) else None,
                )


def _shared(row: ActivityRow, line: Line) -> bool:
    """A reversal is of a purchase, unless all of it was taken from the debt."""
    return row.kind in BOUGHT or (row.kind == "Reversal" and line.amount != row.amount)
