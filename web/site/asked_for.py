"""The page that somebody asked for before they were logged in: kept by their browser, and shown to them afterwards.

It is kept in a note and not in an address, so that no link of another site's says where a log-in leads to.
"""

from __future__ import annotations

import re

from falcon.asgi import Request, Response

from web.middleware.origin import asked_from_here
from web.site import notes

NOTE = "asked-for"
ON_THE_CONSOLE = "console-asked-for"

PATH = re.compile(r"/(?:[A-Za-z0-9_-](?:/?[A-Za-z0-9._-]){0,200})?")
"""A path of ours, and never another site's (`//…`, `/\\…`)."""

QUERY = re.compile(r"[A-Za-z0-9._~=&%+-]{0,400}")


def keep(req: Request, resp: Response) -> None:
    """This will have the browser keep the page of the site that was asked for."""
    _keep(req, resp, NOTE)


def keep_on_the_console(req: Request, resp: Response) -> None:
    """This will have the browser keep the page of the console that was asked for, where a page of ours led there.

    What a link from elsewhere asks for must not come back as if one of our pages had asked: looking and reading are recorded.
    """
    if asked_from_here(req):
        _keep(req, resp, ON_THE_CONSOLE)


def take(req: Request, resp: Response, note: str, otherwise: str) -> str:
    """This will give the page that was asked for, and have the browser forget it; `otherwise` where there is none."""
    kept = notes.find(req, note)
    if kept:
        notes.drop(req, resp, note)
    return kept[0] if kept and is_ours(kept[0]) else otherwise


def forget(req: Request, resp: Response) -> None:
    """This will have the browser forget what was asked for: whoever logs in next may be somebody else."""
    if notes.find(req, NOTE):
        notes.drop(req, resp, NOTE)


def is_ours(place: str) -> bool:
    """This will say whether a place is a page of this very site, whatever a browser makes of it."""
    path, _, query = place.partition("?")
    return bool(PATH.fullmatch(path) and QUERY.fullmatch(query))


def _keep(req: Request, resp: Response, note: str) -> None:
    place = f"{req.path}?{req.query_string}" if req.query_string else req.path
    if is_ours(place):
        notes.leave(req, resp, note, [place])
