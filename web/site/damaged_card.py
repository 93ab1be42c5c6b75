"""Telling the utility of a Juice card that cannot be used (journeys 10 and 12)."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from web.journeys import damaged_cards
from web.site import forms
from web.site.forms import Filled
from web.site.labels import damages
from web.site.render import show
from web.site.requests import LARGEST, refused
from web.site.writing import writing

FIELDS = ("serial", "damage", "text", "idempotency_key")


class DamagedCard:
    """GET and POST /requests/card"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the form: the serial and what is wrong, never the code."""
        await _form(req, resp, Filled(values={}))

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will open the request and lead to it, or show the form again with what was typed."""
        form, write = await forms.fields(req, *FIELDS, largest=LARGEST), await writing(req)
        try:
            sent = await damaged_cards.report(req.context.visit, **form, subject=write.gettext(damaged_cards.SUBJECT))
        except forms.REFUSALS as error:
            await _form(req, resp, await refused(error, req, resp, form))
            return
        resp.status, resp.location = falcon.HTTP_303, f"/requests/{sent.reference}?new=yes&at_least={sent.position}"


async def _form(req: Request, resp: Response, form: Filled) -> None:
    facts = form.facts(req.context.visit) | {"damages": damages(await writing(req))}
    await show(req, resp, "damaged-card.html", status=form.status, **facts)
