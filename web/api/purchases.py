"""Buying power with a credit card: where the money will go, the page to pay on, and what became of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from falcon.asgi import Request, Response

from web.api import answers
from web.api.answers import Answer, units
from web.api.cards import KEY_HEADER
from web.api.describe import describe
from web.api.schemas import AtLeast, Strict
from web.api.typed import Id, Minor, Text
from web.api.wire import answer, at_least, body_of, query_of, visit_of
from web.journeys import buy, preview, purchase_status
from wording.catalogue import chosen, offered

CREDIT_CARD, JUICE_CARD = "credit-card", "juice-card"


class Wish(Strict):
    meter_id = Id(required=True, metadata={"description": "A meter of the account that is logged in."})
    amount = Minor(description="Minor units of the account's currency.", examples=[5000])


class PreviewWish(Wish):
    pay_with = Text(
        f"^(?:{CREDIT_CARD}|{JUICE_CARD})$",
        says=f"Pay with {CREDIT_CARD} or {JUICE_CARD}.",
        required=False,
        description="What is paid with: a credit card, whose amounts have limits, or a Juice card of this worth.",
        examples=[CREDIT_CARD, JUICE_CARD],
    )


class PreviewLine(Answer, frozen=True):
    kind: str
    amount: int
    description: str | None
    share: int | None
    balance_before: int | None
    balance_after: int | None


class Preview(Answer, frozen=True):
    meter_id: UUID
    amount: int
    currency: str
    lines: tuple[PreviewLine, ...]
    arrears: int
    fees: int
    tax: int
    units: str
    unit: str
    wallet_change: int
    wallet_balance: int


class PurchaseStarted(Answer, frozen=True):
    purchase_id: UUID
    status: str
    pay_at: str | None
    position: int


class PurchaseStatus(Answer, frozen=True):
    purchase_id: UUID
    stage: str
    has_ended: bool
    amount: int | None
    currency: str | None
    pays_until: datetime | None
    changed_at: datetime | None
    receipt: answers.Receipt | None
    rule: str | None
    meter: str | None


class Previews:
    """POST /purchases/previews"""

    @describe(
        "What an amount would buy for a meter, and where each part of it would go. Nothing is done.",
        body=PreviewWish,
        answer=Preview,
        problems=(401, 404, 409, 422, 429, 503),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        data = await body_of(req, PreviewWish)
        look = preview.of if data.get("pay_with") == JUICE_CARD else preview.by_credit_card
        answer(req, resp, _preview(await look(visit_of(req), data["meter_id"], data["amount"])))


class Purchases:
    """POST /purchases"""

    @describe(
        "Begin a purchase for one of the account's meters. The card is entered at `pay_at`, on the payment provider's own page,"
        " and charged once, after the power was issued.",
        body=Wish,
        headers=KEY_HEADER,
        status=202,
        answer=PurchaseStarted,
        problems=(401, 404, 409, 422, 429, 503),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        data = await body_of(req, Wish)
        visit = visit_of(req)
        key = req.get_header("Idempotency-Key") or ""
        started = await buy.buy(visit, data["meter_id"], data["amount"], key, language=await _language(req))
        resp.set_header("Location", f"/api/v1/purchases/{started.status_token}")
        content = PurchaseStarted(
            purchase_id=started.purchase_id, status=started.status_token, pay_at=started.pay_at, position=started.position
        )
        answer(req, resp, content, status=202)


class Purchase:
    """GET /purchases/{reference}"""

    @describe(
        "How far a purchase is, by the `status` it was answered with, or by its id where its account is logged in.",
        query=AtLeast,
        answer=PurchaseStatus,
        problems=(404, 422),
    )
    async def on_get(self, req: Request, resp: Response, reference: str) -> None:
        status = await purchase_status.of(visit_of(req), reference, at_least(req, query_of(req, AtLeast)))
        content = PurchaseStatus(
            purchase_id=status.purchase_id,
            stage=status.stage,
            has_ended=status.has_ended,
            amount=status.amount,
            currency=status.currency,
            pays_until=status.pays_until,
            changed_at=status.changed_at,
            receipt=answers.receipt(status.receipt) if status.receipt else None,
            rule=status.rule,
            meter=status.meter,
        )
        answer(req, resp, content)


class Cancellation:
    """POST /purchases/{reference}/cancellation"""

    @describe(
        "Close the payment page for good. A purchase that was paid meanwhile takes its course: look at its stage.",
        status=202,
        answer=answers.Written,
        problems=(404, 409, 503),
    )
    async def on_post(self, req: Request, resp: Response, reference: str) -> None:
        visit = visit_of(req)
        position = await buy.cancel(visit, await purchase_status.mine(visit, reference))
        answer(req, resp, answers.Written(position=position), status=202)


def _preview(seen: preview.Preview) -> Preview:
    def part(of: str) -> int:
        return sum(line.amount for line in seen.lines if line.kind == of)

    return Preview(
        meter_id=seen.meter.meter_id,
        amount=seen.amount,
        currency=seen.currency,
        lines=tuple(
            PreviewLine(
                kind=line.kind,
                amount=line.amount,
                description=line.description,
                share=seen.shares.get(line.debt_id) if line.debt_id else None,
                balance_before=line.balance_before,
                balance_after=line.balance_after,
            )
            for line in seen.lines
        ),
        arrears=part("arrears"),
        fees=part("fee"),
        tax=part("tax"),
        units=units(seen.milliunits),
        unit=seen.unit,
        wallet_change=seen.wallet_change,
        wallet_balance=seen.wallet_balance,
    )


async def _language(req: Request) -> str:
    """The language of the payment page: of those that the utility offers, the one that is asked for."""
    visit = visit_of(req)
    return chosen(visit.languages, offered((await visit.services.description()).languages))
