"""Writing the utility's info page: an editor with a preview, and every edition there was."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from domain.info_page import LONGEST, InfoPageChanged
from projections.info_pages import InfoPageRow
from web.console.render import show
from web.journeys import info_page
from web.journeys.refusals import NotFound
from web.journeys.sign_in import confirm, must_confirm
from web.site import forms
from web.site.positions import at_least
from web.site.render import languages

LARGEST_FORM = 256 * 1024
"""Bytes: a character of a text can take twelve in a form."""


class Editor:
    """GET and POST /console/info-page"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the text that stands there, or a former edition (`from`), to be changed."""
        visit = req.context.visit
        position = at_least(req)
        if position is not None:
            await visit.services.views.reached(position)
        language = await _language(req)
        present = await info_page.present(visit, language)
        former = _number(req.params.get("from"))
        source = present.source if present and present.source else await info_page.standard(visit, language)
        if former is not None:
            source = (await info_page.edition(visit, language, former)).row.source
        values = {"language": language, "source": source, "based_on": str(present.edition if present else 0)}
        await _editor(req, resp, values, present, is_published="published" in req.params)

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will show what the text would look like, or publish it; whatever is refused, the text stays in the form."""
        visit = req.context.visit
        form = await forms.fields(req, "language", "source", "based_on", "do", "code", largest=LARGEST_FORM)
        facts: dict[str, Any] = {}
        try:
            if form["do"] != "publish":
                facts = {"preview": info_page.preview(form["source"]), "is_preview": True}
            else:
                info_page.preview(form["source"])  # too long a text costs no code
                await confirm(visit, form["code"])
                based_on = _number(form["based_on"]) or 0
                done = await info_page.publish(visit, language=form["language"], source=form["source"], based_on=based_on)
                resp.status = falcon.HTTP_303
                resp.location = f"/console/info-page?language={form['language']}&published=yes&at_least={done.position}"
                return
        except InfoPageChanged as error:
            status, problem, _ = await forms.trouble(error, req, resp)
            facts = {"status": status, "problem": problem, "is_overtaken": True}
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            facts = {"status": status, "problem": problem, "errors": errors}
        offered = (await visit.services.description()).languages
        form["language"] = form["language"] if form["language"] in offered else offered[0]
        present = await info_page.present(visit, form["language"])
        if facts.get("is_overtaken"):
            # Whoever has seen the other's text, and publishes again, means it.
            form["based_on"] = str(present.edition if present else 0)
        await _editor(req, resp, form, present, **facts)


class Editions:
    """GET /console/info-page/editions"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will list what was published, when, and by whom."""
        await show(req, resp, "info-editions.html", editions=await info_page.editions(req.context.visit))


class Edition:
    """GET /console/info-page/editions/{language}/{edition}"""

    async def on_get(self, req: Request, resp: Response, language: str, edition: str) -> None:
        """This will show one edition as it was seen."""
        number = _number(edition)
        if number is None:
            raise NotFound
        found = await info_page.edition(req.context.visit, language, number)
        await show(req, resp, "info-edition.html", found=found)


async def _editor(req: Request, resp: Response, values: dict[str, str], present: InfoPageRow | None, **facts: Any) -> None:
    visit = req.context.visit
    given: dict[str, Any] = {
        "errors": {},
        "problem": None,
        "preview": "",
        "is_preview": False,
        "is_published": False,
        "is_overtaken": False,
        "must_confirm": must_confirm(visit),
        "written_in": languages(await visit.services.description()),
        "longest": LONGEST,
        "unwritten": await info_page.unwritten(visit),
    }
    await show(req, resp, "info-editor.html", values=values, present=present, **given | facts)


async def _language(req: Request) -> str:
    wanted = req.params.get("language")
    return wanted if isinstance(wanted, str) else (await req.context.visit.services.description()).languages[0]


def _number(text: Any) -> int | None:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10 else None
