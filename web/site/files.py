"""The site's stylesheet, script and icon, and the stylesheet of the utility's colours: kept by browsers for ever."""

from __future__ import annotations

from falcon.asgi import Request, Response

from web.journeys.refusals import NotFound
from web.site import colours
from web.site.render import assets, send

FOR_EVER = "public, max-age=31536000, immutable"


class Static:
    """GET /static/{name}"""

    async def on_get(self, req: Request, resp: Response, name: str) -> None:
        """This will send a file of a hashed name. Raises NotFound."""
        asset = assets().find(name)
        if asset is None:
            raise NotFound
        resp.set_header("Cache-Control", FOR_EVER)
        send(req, resp, asset.plain, asset.media_type, asset.compressed)


class Theme:
    """GET /theme/{name}"""

    async def on_get(self, req: Request, resp: Response, name: str) -> None:
        """This will send the colours of the visitor's utility; under a name of former ones too, but then not for ever."""
        utility = await req.context.visit.services.description()
        look = colours.look(utility.primary_colour, utility.accent_colour)
        if look.url.endswith(f"/{name}"):
            resp.set_header("Cache-Control", FOR_EVER)
        send(req, resp, look.content.encode(), "text/css; charset=utf-8")
