"""Puts a template and its facts together, in the utility's name and colours."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Hashable
from functools import cache, cached_property
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
from web.site.writing import Writing, writing, writing_for
from wording.catalogue import N_, catalogue, offered

PAGE = "text/html; charset=utf-8"
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
    resp.set_header("Content-Language", write.language)
    resp.status = falcon.code_to_http_status(status)
    send(req, resp, _page(req, template, utility, write, facts), PAGE)


async def show_again(
    req: Request, resp: Response, template: str, *, of: Hashable, facts: Callable[[Writing], dict[str, Any]]
) -> None:
    """This will answer with a page as it was made last, for as long as it would be made `of` the same; else with a new one.

    Making one is nine tenths of what it costs, and its reader often comes back to it.
    """
    visit: Visit = req.context.visit
    utility = await visit.services.description()
    write = writing_for(req, utility)
    key = (template, visit.services.code, visit.account_id, write.language)
    made = visit.rendered.find(key, (of, utility))
    if made is None:
        made = visit.rendered.keep(key, (of, utility), Made(_page(req, template, utility, write, facts(write))))
    resp.set_header("Content-Language", write.language)
    taken = takes_gzip(req.get_header("Accept-Encoding"))
    send(req, resp, made.content, PAGE, made.compressed if taken else None)


class Made:
    """A page that is given again."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    @cached_property
    def compressed(self) -> bytes:
        return _compressed(self.content)


def _page(req: Request, template: str, utility: Description, write: Writing, facts: dict[str, Any]) -> bytes:
    visit: Visit | None = getattr(req.context, "visit", None)
    logged_in = visit is not None and visit.session is not None
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
    return page.encode()


def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)


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
        content = compressed if compressed is not None else _compressed(content)
    resp.data = content
