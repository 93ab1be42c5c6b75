"""Puts a template and its facts together, in the utility's name and colours."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import Any

import falcon
from babel import Locale
from falcon.asgi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.utility import Description
from web.journeys.visit import Visit
from web.middleware.encodings import takes_gzip
from web.site import colours, formats
from web.site.assets import Assets
from web.site.writing import writing, writing_for
from wording.catalogue import N_, catalogue, offered

TEMPLATES = Path(__file__).parent / "templates"

MENU = {
    True: (
        ("/dashboard", N_("Dashboard")),
        ("/buy", N_("Buy power")),
        ("/requests", N_("Requests")),
        ("/info", N_("Info")),
        ("/edit", N_("Edit")),
    ),
    False: (("/redeem", N_("Redeem a card")), ("/info", N_("Info")), ("/login", N_("Log in"))),
}
"""The menu of whoever is logged in, and of whoever is not; logging out stands beside it."""


def languages(utility: Description) -> list[tuple[str, str]]:
    """This will give the languages a utility offers, each with its own name for itself."""
    return [(code, (Locale(code).get_display_name(code) or code).capitalize()) for code in offered(utility.languages)]


@cache
def assets() -> Assets:
    """This will read the site's own files, once."""
    return Assets()


@cache
def environment(language: str) -> Environment:
    """This will make the templates speak one language. Everything put into them is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    words = catalogue(language)
    made.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals["asset"] = assets().url
    # Not `_`, whose result is taken for safe HTML: a text in a variable is escaped like any other.
    made.filters |= {
        "translated": words.gettext,
        "in_fours": formats.in_fours,
        "phone_link": formats.phone_link,
        "place": formats.place,
    }
    return made


async def show(req: Request, resp: Response, template: str, *, status: int = 200, **facts: Any) -> None:
    """This will answer with a page of the visitor's utility."""
    visit: Visit = req.context.visit
    dress(req, resp, template, await visit.services.description(), status=status, **facts)


def dress(req: Request, resp: Response, template: str, utility: Description, *, status: int = 200, **facts: Any) -> None:
    """This will answer with a page in a utility's name and colours, compressed where the browser takes it.

    Compressing is safe here: no page repeats what another site could have put into a request beside something secret (BREACH).
    """
    write = writing_for(req, utility)
    visit: Visit | None = getattr(req.context, "visit", None)
    logged_in = visit is not None and visit.session is not None
    resp.set_header("Content-Language", write.language)
    page = (
        environment(write.language)
        .get_template(template)
        .render(
            utility=utility,
            write=write,
            look=colours.look(utility.primary_colour, utility.accent_colour),
            logged_in=logged_in,
            menu=MENU[logged_in],
            languages=languages(utility),
            here=req.path,
            **facts,
        )
    )
    resp.status = falcon.code_to_http_status(status)
    send(req, resp, page.encode(), "text/html; charset=utf-8")


async def fragment(req: Request, template: str, **facts: Any) -> str:
    """This will make a part of a page, for the page's script to put in its place."""
    write = await writing(req)
    return environment(write.language).get_template(template).render(write=write, **facts)


def send(req: Request, resp: Response, content: bytes, media_type: str, compressed: bytes | None = None) -> None:
    """This will send content, compressed (as given, or now) where the browser takes it."""
    resp.content_type = media_type
    resp.append_header("Vary", "Accept-Encoding")
    if takes_gzip(req.get_header("Accept-Encoding")):
        resp.set_header("Content-Encoding", "gzip")
        content = compressed if compressed is not None else gzip.compress(content, 6, mtime=0)
    resp.data = content
