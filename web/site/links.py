"""The links in messages. Opening one changes nothing, since mail scanners open links too: the button acts."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from web.journeys import links
from web.site.render import show
from web.site.words import LANGUAGE, words

_ = words(LANGUAGE).gettext

DONE = "done"


class Undo:
    """GET and POST /undo/{token}"""

    async def on_get(self, req: Request, resp: Response, token: str) -> None:
        """This will say what the link takes back, or that it has."""
        links.check(req.context.visit, "undo", token)
        if DONE in req.params:
            await _message(
                req,
                resp,
                _("It has been taken back"),
                _("The new password no longer works, and the contacts that came with it are gone."),
                _("Your own password works as before. If you think that somebody knows it, get a new one."),
                ways=[("/login", _("Log in")), ("/get-password", _("Get Password"))],
            )
            return
        facts: dict[str, Any] = {
            "heading": _("Did you not ask for this password?"),
            "explained": _("You can take back the new password and everything that came of it."),
            "points": [_("It stops working, whoever logged in with it is logged out, and its contacts are removed.")],
            "button": _("Take it back"),
            "grave": True,
        }
        await show(req, resp, "link.html", **facts)

    async def on_post(self, req: Request, resp: Response, token: str) -> None:
        """This will take back the password issue."""
        await links.undo(req.context.visit, token)
        resp.status, resp.location = falcon.HTTP_303, f"/undo/{token}?{DONE}=yes"


class ConfirmContact:
    """GET and POST /confirm/{token}"""

    async def on_get(self, req: Request, resp: Response, token: str) -> None:
        """This will ask whether the contact is to be used, or say that it is."""
        links.check(req.context.visit, "confirm", token)
        if DONE in req.params:
            heading, point = _("Thank you, it is confirmed"), _("From now on we write to you here about your account.")
            await _message(req, resp, heading, point, ways=[("/login", _("Log in"))])
            return
        facts: dict[str, Any] = {
            "heading": _("Confirm your contact"),
            "explained": _("May we write to you here about your account: receipts and alerts?"),
            "points": [],
            "button": _("Yes, confirm"),
            "grave": False,
        }
        await show(req, resp, "link.html", **facts)

    async def on_post(self, req: Request, resp: Response, token: str) -> None:
        """This will confirm the contact."""
        await links.confirm(req.context.visit, token)
        resp.status, resp.location = falcon.HTTP_303, f"/confirm/{token}?{DONE}=yes"


async def _message(req: Request, resp: Response, heading: str, *points: str, ways: list[tuple[str, str]]) -> None:
    await show(req, resp, "message.html", heading=heading, points=points, good=True, reference=None, ways=ways)
