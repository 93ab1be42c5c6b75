"""Purchases of which Juice's transactions do not say what became of them, for staff."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from falcon.asgi import Request, Response

from web.api import answers
from web.api.answers import Answer
from web.api.describe import describe
from web.api.schemas import Strict
from web.api.typed import Text
from web.api.wire import answer, body_of, visit_of
from web.journeys import decisions


class Candidate(Answer, frozen=True):
    """A transaction of Juice's that may be the purchase's; `amount` in minor units."""

    transaction: str
    happened_at: datetime
    amount: int
    currency: str


class Candidates(Answer, frozen=True):
    """`is_open`: whether there is something to decide. Juice's operators find the purchase by `message_id`, if by anything."""

    purchase_id: UUID
    message_id: UUID
    amount: int
    currency: str
    stage: str
    is_open: bool
    candidates: tuple[Candidate, ...]


class Decision(Strict):
    transaction = Text(
        "^[!-~]{1,64}$",
        says=decisions.CHOOSE,
        most=64,
        description="Juice's number of the transaction that it is, or `none` where Juice made none.",
        examples=["520002005"],
    )
    reason = Text(
        r"^\s*\S[\s\S]*$",
        says=decisions.REASON_NEEDED,
        most=decisions.LONGEST_REASON,
        description="How that is known. It is kept with the purchase.",
        examples=["Juice's operator looked it up at till 4."],
    )


class CandidatesOfPurchase:
    """GET /purchases/{reference}/candidates"""

    @describe(
        "The transactions that an ambiguous purchase may be: of its meter and amount, since it was sent, and nobody else's.",
        answer=Candidates,
        problems=(401, 403, 404),
    )
    async def on_get(self, req: Request, resp: Response, reference: str) -> None:
        found = await decisions.to_decide(visit_of(req), reference)
        listed = tuple(
            Candidate(transaction=each.juice_number, happened_at=each.happened_at, amount=each.amount, currency=each.currency)
            for each in found.candidates
        )
        told = {name: getattr(found, name) for name in Candidates.__struct_fields__ if name != "candidates"}
        answer(req, resp, Candidates(**told, candidates=listed))


class DecisionOnPurchase:
    """POST /purchases/{reference}/decision"""

    @describe(
        "Settle an ambiguous purchase by what was found out at Juice: by that transaction its card is charged; where it is none,"
        " which can be said a quarter of an hour after it was sent, the money is let go.",
        body=Decision,
        answer=answers.Written,
        problems=(401, 403, 404, 409, 422),
    )
    async def on_post(self, req: Request, resp: Response, reference: str) -> None:
        data = await body_of(req, Decision)
        position = await decisions.decide(visit_of(req), reference, data["transaction"], data["reason"])
        answer(req, resp, answers.Written(position=position))
