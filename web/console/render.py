"""Shows a page of the console: the site's look, denser, with the menu of whoever is signed in."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import falcon
from falcon.asgi import Request, Response
from jinja2 import Environment, FileSystemLoader

from domain.utility import Description
from web.console.menu import MENU, ROLES
from web.journeys.visit import Visit
from web.site import colours, render
from web.site.writing import writing_for

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment(language: str) -> Environment:
    """This will have the site's templates in reach of the console's: `kit.html`, and the filters."""
    return render.environment(language).overlay(loader=FileSystemLoader([TEMPLATES, render.TEMPLATES]))


async def show(req: Request, resp: Response, template: str, *, status: int = 200, **facts: Any) -> None:
    """This will answer with a page of the console of the visitor's utility."""
    visit: Visit = req.context.visit
    dress(req, resp, template, await visit.services.description(), status=status, **facts)


def dress(req: Request, resp: Response, template: str, utility: Description, *, status: int = 200, **facts: Any) -> None:
    """This will answer with a page of the console in a utility's name and colours."""
    write = writing_for(req, utility)
    visit: Visit | None = getattr(req.context, "visit", None)
    acting = visit.api_key or visit.person if visit is not None else None
    resp.set_header("Content-Language", write.language)
    page = (
        environment(write.language)
        .get_template(template)
        .render(
            utility=utility,
            write=write,
            look=colours.look(utility.primary_colour, utility.accent_colour),
            acting=acting,
            role=ROLES[acting.role] if acting is not None else None,
            menu=MENU[acting.role] if acting is not None else (),
            languages=render.languages(utility),
            here=req.path,
            **facts,
        )
    )
    resp.status = falcon.code_to_http_status(status)
    render.send(req, resp, page.encode(), "text/html; charset=utf-8")
