"""Choosing the language of the pages."""

from __future__ import annotations

import re

import falcon
from falcon.asgi import Request, Response

from web.journeys.refusals import FieldErrors
from web.middleware.cookies import set_language
from web.site import forms
from wording.catalogue import N_, offered

PATH = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9._/-]{0,200})?")
"""Where one may be led back to: a path of ours, and never another site's (`//…`)."""


class Language:
    """POST /language"""

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will keep the choice in the browser and lead back to the page it was made on."""
        form = await forms.fields(req, "language", "back")
        if form["language"] not in offered((await req.context.visit.services.description()).languages):
            raise FieldErrors({"language": N_("Choose one of the languages that are offered.")})
        set_language(req, resp, form["language"])
        resp.status = falcon.HTTP_303
        resp.location = form["back"] if PATH.fullmatch(form["back"]) and "//" not in form["back"] else "/"
