"""Juice cards: what one is worth, redeeming it, and what became of that."""

from __future__ import annotations

from falcon.asgi import Request, Response

from web.api import answers, schemas
from web.api.describe import describe
from web.api.wire import answer, at_least, body_of, query_of, visit_of
from web.journeys import redeem, redemption_status

KEY_HEADER = (
    (
        "Idempotency-Key",
        True,
        "8 to 255 visible ASCII characters, made by the client. The same key and body get the same answer, refusals too;"
        " the same key with another body is refused with 422.",
    ),
)


class Checks:
    """POST /cards/checks"""

    @describe(
        "Ask Juice what a card is worth. A wrong serial and a wrong code look the same.",
        body=schemas.Card,
        answer=answers.Money,
        problems=(404, 409, 422, 429, 503),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        data = await body_of(req, schemas.Card)
        offer = await redeem.check(visit_of(req), data["serial"], data["code"])
        answer(req, resp, answers.Money(amount=offer.amount, currency=offer.currency))


class Redemptions:
    """POST /redemptions"""

    @describe(
        "Redeem a card for a meter or account. It credits once, whatever is lost, repeated or raced.",
        body=schemas.Redemption,
        headers=KEY_HEADER,
        status=202,
        answer=answers.Started,
        problems=(401, 404, 409, 422, 429, 503),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        data = await body_of(req, schemas.Redemption)
        started = await redeem.redeem(
            visit_of(req),
            data["serial"],
            data["code"],
            data.get("number"),
            req.get_header("Idempotency-Key") or "",
            meter_id=data.get("meter_id"),
        )
        resp.set_header("Location", f"/api/v1/redemptions/{started.status_token}")
        content = answers.Started(redemption_id=started.redemption_id, status=started.status_token, position=started.position)
        answer(req, resp, content, status=202)


class Redemption:
    """GET /redemptions/{reference}"""

    @describe(
        "How far a redemption is, by the `status` it was answered with, or by its id where its account is logged in.",
        query=schemas.AtLeast,
        answer=answers.Redemption,
        problems=(404, 422),
    )
    async def on_get(self, req: Request, resp: Response, reference: str) -> None:
        query = query_of(req, schemas.AtLeast)
        status = await redemption_status.of(visit_of(req), reference, at_least(req, query))
        content = answers.Redemption(
            redemption_id=status.redemption_id,
            stage=status.stage,
            has_ended=status.has_ended,
            amount=status.amount,
            currency=status.currency,
            changed_at=status.changed_at,
            receipt=answers.receipt(status.receipt) if status.receipt else None,
            rule=status.rule,
            meter=status.meter,
        )
        answer(req, resp, content)
