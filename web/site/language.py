"""Choosing the language of the pages."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from web.journeys.refusals import FieldErrors
from web.middleware.cookies import set_language
from web.site import forms
from web.site.asked_for import PATH
from wording.catalogue import N_, offered


class Language:
    """POST /language"""

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will keep the choice in the browser and lead back to the page it was made on."""
        form = await forms.fields(req, "language", "back")
        if form["language"] not in offered((await req.context.visit.services.description()).languages):
            raise FieldErrors({"language": N_("Choose one of the languages that are offered.")})
        set_language(req, resp, form["language"])
        resp.status = falcon.HTTP_303
        resp.location = form["back"] if PATH.fullmatch(form["back"]) else "/"
