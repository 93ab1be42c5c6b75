"""What is answered where there was no turn: made once for each language, since it is needed most when there is least time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import msgspec
from falcon.asgi import Request

from domain.ids import Randomness
from web.middleware.headers import headers_under
from web.middleware.languages import wanted
from web.middleware.policy import Policy
from web.problem import Problem
from web.problems import BUSY
from web.site import colours
from web.site.errors import NOBODY
from web.site.render import environment
from web.site.writing import Writing
from wording.catalogue import LANGUAGES, catalogue, chosen

SOONEST, SPREAD = 2, 4
"""Seconds: those who are sent away come again at different times, not all at once."""


class BusyAnswer:
    """503 with Retry-After: a problem for programs, a page for people that asks again by itself where nothing was sent."""

    def __init__(self, policy: Policy, randomness: Randomness) -> None:
        self._policy = policy
        self._headers = headers_under(policy)
        self._randomness = randomness

    async def __call__(self, scope: dict[str, Any], send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """This will answer a request of which nothing but its header was read."""
        req = Request(scope, _nothing)
        language = chosen(wanted(req.cookies.get(self._policy.language_cookie), req.get_header("Accept-Language")), LANGUAGES)
        seconds = SOONEST + self._randomness(1)[0] % SPREAD
        asks_by_program = req.path.startswith("/api/") or "json" in (req.get_header("Accept") or "")
        body = problem(language) if asks_by_program else page(language, seconds, is_read=req.method in ("GET", "HEAD"))
        headers = {
            **self._headers,
            "Content-Type": "application/problem+json" if asks_by_program else "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            "Content-Language": language,
            "Cache-Control": "no-store",
            "Retry-After": str(seconds),
        }
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": BUSY.status, "headers": raw})
        await send({"type": "http.response.body", "body": b"" if req.method == "HEAD" else body})


@cache
def problem(language: str) -> bytes:
    """This will give the problem in a language."""
    said = Problem(status=BUSY.status, rule="TooBusy", title=BUSY.title, detail=BUSY.detail).said_in(catalogue(language).gettext)
    return msgspec.json.encode(said.body())


@cache
def page(language: str, seconds: int, *, is_read: bool) -> bytes:
    """This will give the page in a language: one that was only to be read asks again by itself, after `seconds`."""
    template = environment(language).get_template("busy.html")
    look = colours.look(NOBODY.primary_colour, NOBODY.accent_colour)
    shown = template.render(
        utility=NOBODY,
        write=Writing(language, NOBODY.zone),
        look=look,
        logged_in=False,
        menu=(),
        languages=(),
        here="/",
        seconds=seconds,
        is_read=is_read,
    )
    return shown.encode()


async def _nothing() -> dict[str, Any]:
    """The body is not read."""
    return {"type": "http.disconnect"}
