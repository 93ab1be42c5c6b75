"""What the card provider tells by itself. It is signed, comes late, twice and in any order, and is only a reason to ask."""

from __future__ import annotations

import falcon
import msgspec
import structlog
from falcon.asgi import Request, Response

from web.api.describe import describe
from web.api.wire import visit_of
from web.journeys import buy
from web.middleware.bodies import body

LARGEST = 256 * 1024
"""Bytes of a body."""

SIGNATURE = "Stripe-Signature"

logger = structlog.get_logger("seed.web")


class Cards:
    """POST /webhooks/cards"""

    @describe(
        "For the card provider: something happened to a payment. Proven by the signature over the body as it came; each event is"
        " taken in once, and answered only when it is in the log.",
        headers=((SIGNATURE, True, "Made by the provider over the time and the body; good for five minutes."),),
        status=204,
        problems=(400, 408, 409, 413),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        visit = visit_of(req)
        raw = await body(req, LARGEST, ends_itself=True)
        event = buy.provider(visit).read_webhook(raw, req.get_header(SIGNATURE), visit.clock())
        resp.status = falcon.HTTP_204
        if event.purchase_id is None or event.utility != visit.services.code:
            logger.info("a card provider's event is of no purchase here", kind=event.kind)
            return
        context = msgspec.structs.replace(visit.context(), by="system:card-provider")
        await visit.services.portal.notice_purchase(context, purchase_id=event.purchase_id, notice_id=event.id, kind=event.kind)
