"""How much of each purchase goes to each debt of the account that is logged in, and a larger share of the customer's choosing."""

from __future__ import annotations

from datetime import datetime

from falcon.asgi import Request, Response

from web.api.answers import Answer, Written
from web.api.cards import KEY_HEADER
from web.api.describe import describe
from web.api.schemas import Strict
from web.api.typed import Minor, Text
from web.api.wire import answer, body_of, visit_of
from web.journeys import arrears_share
from web.journeys.arrears_share import Choice


class LastChoice(Answer, frozen=True):
    """What was chosen last. `stage`: chosen, sent, in-doubt, confirmed or refused; `rule` says why Juice refused."""

    share: int
    former_share: int
    stage: str
    chosen_at: datetime
    changed_at: datetime
    rule: str | None


class DebtShare(Answer, frozen=True):
    """The percentage of each purchase that goes to the debt, and which ones may be chosen: the utility's own, up to its limit.

    `can_change` is false where there is nothing to choose, or a choice waits for Juice.
    """

    debt_id: str
    description: str
    balance: int
    share: int
    least: int
    most: int
    can_change: bool
    last_choice: LastChoice | None


class ArrearsShares(Answer, frozen=True):
    """`items` in the order in which they are paid."""

    currency: str
    items: tuple[DebtShare, ...]


class ChooseShare(Strict):
    debt_id = Text(
        "^[!-~]{1,64}$", says=arrears_share.NOT_OWED, most=64, description="One of the account's debts.", examples=["D0002-1"]
    )
    share = Minor(least=1, most=100, description="Whole percent of each purchase.", examples=[40])


class MyShares:
    """GET and PUT /me/arrears/shares"""

    @describe(
        "How much of each purchase goes to each debt, and how much may, by Juice's word of just now.",
        answer=ArrearsShares,
        problems=(401, 503),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        found = await arrears_share.of(visit_of(req))
        answer(req, resp, ArrearsShares(currency=found.currency, items=tuple(map(_share, found.choices))))

    @describe(
        "Let a larger share of each purchase go to a debt, or go back towards the utility's. It counts once Juice takes it; the"
        " contacts are told. The password must have been given within ten minutes.",
        body=ChooseShare,
        headers=KEY_HEADER,
        status=202,
        answer=Written,
        problems=(401, 403, 409, 422, 429, 503),
    )
    async def on_put(self, req: Request, resp: Response) -> None:
        visit, data = visit_of(req), await body_of(req, ChooseShare)
        key = req.get_header("Idempotency-Key") or ""
        position = await arrears_share.choose(visit, data["debt_id"], data["share"], key)
        answer(req, resp, Written(position=position), status=202)


def _share(choice: Choice) -> DebtShare:
    debt, last = choice.limits, choice.last
    return DebtShare(
        debt_id=debt.debt,
        description=debt.description,
        balance=debt.balance,
        share=debt.share,
        least=debt.least,
        most=debt.most,
        can_change=choice.can_change,
        last_choice=LastChoice(
            share=last.share,
            former_share=last.former_share,
            stage=last.stage,
            chosen_at=last.chosen_at,
            changed_at=last.changed_at,
            rule=last.rule,
        )
        if last is not None
        else None,
    )
