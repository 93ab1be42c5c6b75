"""The links about contacts: agreeing to a change of a registered one, and taking a change back."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from domain.links import LinkNoLongerValid
from web.journeys import links
from web.journeys.visit import Visit
from web.site.link_states import LinkState, state_of
from web.site.links import GET_PASSWORD, LOG_IN, NOTHING_MORE, show_state
from web.site.writing import writing
from wording.catalogue import N_
from wording.masks import masked

CHANGE: dict[LinkState, dict[str, Any]] = {
    "open": {
        "heading": N_("Do you agree to this change?"),
        "explained": N_("Somebody who is logged in to your account asked for it."),
        "points": [],
        "button": N_("Yes, I agree"),
        "grave": False,
    },
    "used": {
        "heading": N_("Thank you, it is changed"),
        "points": [N_("A new contact takes the place of the old one once it is confirmed by a link of its own."), NOTHING_MORE],
        "ways": [LOG_IN],
    },
    "expired": {
        "heading": N_("This link has expired"),
        "points": [N_("It worked for 24 hours, or what it was about was taken back. Nothing was changed.")],
        "ways": [LOG_IN],
    },
}
REVERT: dict[LinkState, dict[str, Any]] = {
    "open": {
        "heading": N_("Did you not change this?"),
        "explained": N_("You can take the change of your contacts back."),
        "points": [
            N_("Your contacts are then as they were before, and everybody is logged out."),
            N_("Whoever made the change knew your password. Get a new one afterwards."),
        ],
        "button": N_("Take it back"),
        "grave": True,
    },
    "used": {
        "heading": N_("It has been taken back"),
        "points": [
            N_("Your contacts are as they were before, and everybody is logged out."),
            N_("Whoever made the change knew your password. Please get a new one now."),
        ],
        "ways": [GET_PASSWORD, LOG_IN],
    },
    "expired": {
        "heading": N_("There is nothing to take back"),
        "points": [
            N_("The link worked for 30 days, or your contacts were changed again. If something is wrong, please call us.")
        ],
        "ways": [LOG_IN],
    },
}


class AgreeToChange:
    """GET and POST /change/{token}"""

    async def on_get(self, req: Request, resp: Response, token: str) -> None:
        """This will say what is to be changed, and ask."""
        await self._show(req, resp, token)

    async def on_post(self, req: Request, resp: Response, token: str) -> None:
        """This will have it changed."""
        try:
            await links.agree(req.context.visit, token)
        except LinkNoLongerValid:
            await self._show(req, resp, token)
            return
        resp.status, resp.location = falcon.HTTP_303, f"/change/{token}"

    async def _show(self, req: Request, resp: Response, token: str) -> None:
        state = await state_of(req.context.visit, "change", token)
        facts = CHANGE
        if state == "open":
            facts = {**CHANGE, "open": {**CHANGE["open"], "points": [await _asked(req, token)]}}
        await show_state(req, resp, facts, state)


class RevertChange:
    """GET and POST /revert/{token}"""

    async def on_get(self, req: Request, resp: Response, token: str) -> None:
        """This will say what the link does, or that it has."""
        await show_state(req, resp, REVERT, await state_of(req.context.visit, "revert", token))

    async def on_post(self, req: Request, resp: Response, token: str) -> None:
        """This will take the change back; pressed again, it leads to the same page."""
        try:
            await links.revert(req.context.visit, token)
        except LinkNoLongerValid:
            await show_state(req, resp, REVERT, await state_of(req.context.visit, "revert", token))
            return
        resp.status, resp.location = falcon.HTTP_303, f"/revert/{token}"


async def _asked(req: Request, token: str) -> str:
    """What was asked for, in a sentence. Contacts are masked: a link may be read by others."""
    visit: Visit = req.context.visit
    write = await writing(req)
    account_id, change_id = visit.services.portal.links.read("change", token)
    account = await visit.services.portal.account(account_id)
    asked = account.contacts.requested[change_id]
    contact = account.contacts[asked.contact_id]
    old = masked(contact.channel, contact.value)
    if asked.value is None:
        return write.gettext("The registered contact %(old)s is to be removed.") % {"old": old}
    new = masked(contact.channel, asked.value)
    return write.gettext("The registered contact %(old)s is to be changed to %(new)s.") % {"old": old, "new": new}
