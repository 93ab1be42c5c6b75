"""Damaged Juice cards: told by their customers, looked up at Juice by staff."""

from __future__ import annotations

import msgspec
from falcon.asgi import Request, Response

from web.api import damaged_card_answers as told
from web.api import request_answers
from web.api.cards import KEY_HEADER
from web.api.describe import describe
from web.api.wire import answer, body_of, visit_of
from web.journeys import damaged_cards


class Reports:
    """POST /me/damaged-cards"""

    @describe(
        "Tell the utility of a card that cannot be used. It opens a request; the card's code is never asked for.",
        body=told.CardReport,
        headers=KEY_HEADER,
        status=201,
        answer=request_answers.Submitted,
        problems=(401, 409, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        data = await body_of(req, told.CardReport)
        key = req.get_header("Idempotency-Key") or ""
        opened = await damaged_cards.report(visit_of(req), data["serial"], data["damage"], data["text"], key)
        resp.set_header("Location", f"/api/v1/me/requests/{opened.reference}")
        answer(req, resp, request_answers.Submitted(reference=opened.reference, position=opened.position), status=201)


class LookUps:
    """POST /requests/{request}/card-checks"""

    @describe(
        "Ask Juice how the damaged card of a request stands; the answer is kept with the request, with who asked.",
        answer=told.CardLookedUp,
        problems=(401, 403, 404, 503),
    )
    async def on_post(self, req: Request, resp: Response, request: str) -> None:
        card, position = await damaged_cards.look_up(visit_of(req), request)
        answer(req, resp, told.CardLookedUp(**msgspec.structs.asdict(card), position=position))
