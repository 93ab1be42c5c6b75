"""What the account that is logged in owes, and how it is being paid."""

from __future__ import annotations

from datetime import date, datetime

from falcon.asgi import Request, Response

from web.api.answers import Answer, Debt
from web.api.describe import describe
from web.api.schemas import AtLeast
from web.api.wire import AT_LEAST_HEADER, answer, query_of, visit_of, wait
from web.journeys import arrears


class DebtPayment(Answer, frozen=True):
    """A part of a transaction that went to the debt, and the debt's balance before and after."""

    juice_number: str
    happened_at: datetime
    amount: int
    balance_before: int | None
    balance_after: int | None


class OwedDebt(Debt, frozen=True):
    """`waits`: an earlier one takes each payment whole before anything comes to this one. `paid_off_on`: at the pace of the
    last 90 days; null where that cannot be known. `payments` of the last year, the latest first."""

    waits: bool
    paid_off_on: date | None
    payments: tuple[DebtPayment, ...]


class PaidOffDebt(Answer, frozen=True):
    description: str
    paid_at: datetime
    juice_number: str


class Arrears(Answer, frozen=True):
    """`items` in the order in which they are paid; `paid_off` within the last year."""

    currency: str
    total: int
    items: tuple[OwedDebt, ...]
    paid_off: tuple[PaidOffDebt, ...]


class ArrearsOfAccount:
    """GET /me/arrears"""

    @describe(
        "What is owed, in the order in which it is paid, what was paid lately, and when it will be paid off.",
        query=AtLeast,
        headers=AT_LEAST_HEADER,
        answer=Arrears,
        problems=(401, 422, 503),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        await wait(req, resp, query_of(req, AtLeast))
        found = await arrears.of(visit_of(req))
        paid_off = (
            PaidOffDebt(description=p.description, paid_at=p.paid_at, juice_number=p.juice_number) for p in found.paid_off
        )
        content = Arrears(
            currency=found.currency, total=found.total, items=tuple(map(_debt, found.debts)), paid_off=tuple(paid_off)
        )
        answer(req, resp, content)


def _debt(of: arrears.DebtShown) -> OwedDebt:
    return OwedDebt(
        debt_id=of.debt_id,
        description=of.description,
        balance=of.balance,
        original=of.original,
        share=of.share,
        plan=of.plan,
        opened_on=of.opened_on,
        waits=of.waits,
        paid_off_on=of.paid_off_on,
        payments=tuple(
            DebtPayment(
                juice_number=p.juice_number,
                happened_at=p.happened_at,
                amount=p.amount,
                balance_before=p.balance_before,
                balance_after=p.balance_after,
            )
            for p in of.payments
        ),
    )
