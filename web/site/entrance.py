"""The landing page and the info page (journeys 1 and 7)."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from web.journeys import info_page
from web.site.render import show


class Landing:
    """GET /"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will open the doors, or lead whoever is logged in to the dashboard."""
        if req.context.visit.session is not None:
            resp.status, resp.location = falcon.HTTP_303, "/dashboard"
            return
        await show(req, resp, "landing.html")


class Info:
    """GET /info"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show what the utility tells its customers."""
        visit = req.context.visit
        await show(req, resp, "info.html", page=await info_page.read(visit, visit.languages))
