"""What became of a card: under way, in doubt, redeemed with its tokens, or known not to be redeemed (journeys 12 and 14)."""

from __future__ import annotations

from falcon.asgi import Request, Response

from web.journeys import redemption_status
from web.site.positions import at_least
from web.site.render import show
from wording.refused import refused


class Redemption:
    """GET /redemptions/{reference}"""

    async def on_get(self, req: Request, resp: Response, reference: str) -> None:
        """This will show how far the redemption is; the page looks again by itself until it has ended."""
        found = await redemption_status.of(req.context.visit, reference, at_least(req))
        await show(req, resp, "redemption.html", redemption=found, refused=refused(found.rule))
