"""What became of a purchase: to be paid, under way, in doubt, issued with its tokens, or ended without (journeys 11 and 14)."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from web.journeys import buy, purchase_status
from web.journeys.refusals import NotLoggedIn
from web.journeys.visit import Visit
from web.site.buy import may_lead_to_payment
from web.site.positions import at_least
from web.site.render import show
from wording.refused import refused

RETURNED, LEFT = "returned", "left"
"""How the payment page sends people back: they are done there, or they left it."""


class Purchase:
    """GET /purchases/{reference}"""

    async def on_get(self, req: Request, resp: Response, reference: str) -> None:
        """This will show how far the purchase is; the page looks again by itself until it has ended.

        Whoever comes back from the payment page is taken at their word that there is reason to ask the provider, no more.
        """
        visit: Visit = req.context.visit
        if visit.session is None and not purchase_status.opens_without_login(visit, reference):
            raise NotLoggedIn
        found = await purchase_status.of(visit, reference, at_least(req))
        if RETURNED in req.params and found.is_open:
            await buy.returned(visit, found.purchase_id)
        may_lead_to_payment(req)
        facts = {"returned": RETURNED in req.params, "left": LEFT in req.params}
        await show(req, resp, "purchase.html", purchase=found, refused=refused(found.rule), **facts)


class Payment:
    """POST /purchases/{reference}/payment"""

    async def on_post(self, req: Request, resp: Response, reference: str) -> None:
        """This will lead back to the payment page, or where nothing is left to pay, to what became of the purchase."""
        visit: Visit = req.context.visit
        started = await buy.pay_on(visit, await purchase_status.mine(visit, reference))
        may_lead_to_payment(req)
        resp.status, resp.location = falcon.HTTP_303, started.pay_at or f"/purchases/{started.status_token}"


class Cancellation:
    """POST /purchases/{reference}/cancellation"""

    async def on_post(self, req: Request, resp: Response, reference: str) -> None:
        """This will close the payment page, and show what became of the purchase."""
        visit: Visit = req.context.visit
        position = await buy.cancel(visit, await purchase_status.mine(visit, reference))
        resp.status, resp.location = falcon.HTTP_303, f"/purchases/{reference}?at_least={position}"
