"""Reading what a form sends, and saying again what was wrong with it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl

import falcon
from falcon.asgi import Request, Response

from domain.aggregate import Refusal
from web.journeys.refusals import FieldErrors, Stopped
from web.middleware.bodies import body
from web.problems import Problem, problem_of
from web.site.formats import waiting_time
from web.site.words import LANGUAGE, words

LARGEST = 16 * 1024
"""Bytes of a form."""

REFUSALS = (Refusal, Stopped)
"""What a journey stops with where nothing is broken."""


class Trouble(NamedTuple):
    """What is said on top of a form that is shown again, and beside its fields."""

    status: int
    problem: str | None
    errors: dict[str, str]


async def fields(req: Request, *names: str) -> dict[str, str]:
    """This will read the named fields; one that was not sent is empty, others are not looked at.

    Raises 415 where no form is sent, and what reading a body raises.
    """
    if (req.content_type or "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise falcon.HTTPUnsupportedMediaType(description="Send this page's form.")
    raw = await body(req, LARGEST, ends_itself=False)
    sent = dict(parse_qsl(raw.decode("ascii", "replace"), keep_blank_values=True))
    return {name: sent.get(name, "") for name in names}


def trouble(error: Exception, resp: Response) -> Trouble:
    """This will put a refusal into words. Raises the error itself where it is none that the table of problems knows."""
    problem = problem_of(error)
    if problem is None:
        raise error
    if problem.retry_after is not None:
        resp.set_header("Retry-After", str(problem.retry_after))
    if isinstance(error, FieldErrors):
        return Trouble(problem.status, None, error.errors)
    return Trouble(problem.status, " ".join(sentences(problem)), {})


def sentences(problem: Problem) -> list[str]:
    """This will say what went wrong, and how long to wait where that helps."""
    if problem.status != 429 or problem.retry_after is None:
        return [words(LANGUAGE).gettext(problem.detail)]
    unit, count = waiting_time(problem.retry_after)
    ngettext = words(LANGUAGE).ngettext
    wait = {
        "second": ngettext("Please try again in one second.", "Please try again in %(count)d seconds.", count),
        "minute": ngettext("Please try again in one minute.", "Please try again in %(count)d minutes.", count),
        "hour": ngettext("Please try again in one hour.", "Please try again in %(count)d hours.", count),
    }[unit]
    return [words(LANGUAGE).gettext("That was tried too often of late."), wait % {"count": count}]
