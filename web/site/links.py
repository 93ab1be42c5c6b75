"""The links in messages. Opening one changes nothing, since mail scanners open links too: the button acts.

A link that was used says what came of it, and has no button any more.
"""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from domain.links import LinkNoLongerValid
from web.journeys import links
from web.site.link_states import LinkState, state_of
from web.site.render import show
from wording.catalogue import N_

LOG_IN, GET_PASSWORD = ("/login", N_("Log in")), ("/get-password", N_("Get Password"))
NOTHING_MORE = N_("This link has done its work: there is nothing more to do.")

UNDO: dict[LinkState, dict[str, Any]] = {
    "open": {
        "heading": N_("Did you not ask for this password?"),
        "explained": N_("You can take back the new password and everything that came of it."),
        "points": [
            N_(
                "It stops working, whoever logged in with it is logged out, its contacts are removed, and what was changed with"
                " it is changed back."
            )
        ],
        "button": N_("Take it back"),
        "grave": True,
    },
    "used": {
        "heading": N_("It has been taken back"),
        "points": [
            N_("The new password no longer works, and the contacts that came with it are gone."),
            N_("Your own password, if you have one, works as before. If you think that somebody knows it, get a new one."),
            NOTHING_MORE,
        ],
        "ways": [LOG_IN, GET_PASSWORD],
    },
    "expired": {
        "heading": N_("This link has expired"),
        "points": [N_("It worked for 30 days. If something is wrong with your account, please call us.")],
        "ways": [LOG_IN],
    },
}
CONFIRM: dict[LinkState, dict[str, Any]] = {
    "open": {
        "heading": N_("Confirm your contact"),
        "explained": N_("May we write to you here about your account: receipts and alerts?"),
        "points": [],
        "button": N_("Yes, confirm"),
        "grave": False,
    },
    "used": {
        "heading": N_("Thank you, it is confirmed"),
        "points": [N_("From now on we write to you here about your account."), NOTHING_MORE],
        "ways": [LOG_IN],
    },
    "expired": {
        "heading": N_("This contact was removed"),
        "points": [N_("It no longer belongs to the account, perhaps because the password that came with it was taken back.")],
        "ways": [LOG_IN],
    },
}


class Undo:
    """GET and POST /undo/{token}"""

    async def on_get(self, req: Request, resp: Response, token: str) -> None:
        """This will say what the link takes back, or that it has."""
        await show_state(req, resp, UNDO, await state_of(req.context.visit, "undo", token))

    async def on_post(self, req: Request, resp: Response, token: str) -> None:
        """This will take back the password issue; pressed again, it leads to the same page."""
        try:
            await links.undo(req.context.visit, token)
        except LinkNoLongerValid:
            await show_state(req, resp, UNDO, await state_of(req.context.visit, "undo", token))
            return
        resp.status, resp.location = falcon.HTTP_303, f"/undo/{token}"


class ConfirmContact:
    """GET and POST /confirm/{token}"""

    async def on_get(self, req: Request, resp: Response, token: str) -> None:
        """This will ask whether the contact is to be used, or say that it is."""
        await show_state(req, resp, CONFIRM, await state_of(req.context.visit, "confirm", token))

    async def on_post(self, req: Request, resp: Response, token: str) -> None:
        """This will confirm the contact."""
        try:
            await links.confirm(req.context.visit, token)
        except LinkNoLongerValid:
            await show_state(req, resp, CONFIRM, await state_of(req.context.visit, "confirm", token))
            return
        resp.status, resp.location = falcon.HTTP_303, f"/confirm/{token}"


async def show_state(req: Request, resp: Response, facts: dict[LinkState, dict[str, Any]], state: LinkState) -> None:
    """This will show the page of a link by how it stands: with its button where it is still to be used."""
    if state == "open":
        await show(req, resp, "link.html", **facts[state])
    else:
        await ended(req, resp, state, **facts[state])


async def ended(
    req: Request, resp: Response, state: LinkState, *, heading: str, points: list[str], ways: list[tuple[str, str]]
) -> None:
    """This will show that a link has done its work, or that its time is over."""
    status, good = (200, True) if state == "used" else (410, False)
    await show(req, resp, "message.html", status=status, heading=heading, points=points, good=good, reference=None, ways=ways)
