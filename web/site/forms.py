"""Reading what a form sends, and saying again what was wrong with it."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import falcon
import msgspec
from falcon.asgi import Request, Response

from domain.aggregate import Refusal
from web.journeys.refusals import FieldErrors, StillRunning, Stopped
from web.journeys.visit import Visit
from web.middleware.bodies import body
from web.problem import Problem
from web.problems import problem_of
from web.site.formats import waiting_time
from web.site.writing import Writing, writing
from wording.catalogue import N_

LARGEST = 16 * 1024
"""Bytes of a form."""

REFUSALS = (Refusal, Stopped)
"""What a journey stops with where nothing is broken."""


class Trouble(NamedTuple):
    """What is said on top of a form that is shown again, and beside its fields."""

    status: int
    problem: str | None
    errors: dict[str, str]


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it is shown: what stands in its fields, and what was wrong with that. `same`: what it sent is still running."""

    values: dict[str, str]
    status: int = 200
    problem: str | None = None
    errors: dict[str, str] = {}
    same: bool = False

    def facts(self, visit: Visit) -> dict[str, Any]:
        """This will gather what its template shows; with a new key, since other input is another command, unless `same`."""
        key = self.values["idempotency_key"] if self.same else visit.randomness(16).hex()
        return {"values": self.values, "problem": self.problem, "errors": self.errors, "idempotency_key": key}


async def fields(req: Request, *names: str, largest: int = LARGEST) -> dict[str, str]:
    """This will read the named fields; one that was not sent is empty, others are not looked at.

    Raises 415 where no form is sent, and what reading a body raises.
    """
    if (req.content_type or "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise falcon.HTTPUnsupportedMediaType(description=N_("Send this page's form."))
    raw = await body(req, largest, ends_itself=False)
    sent = dict(parse_qsl(raw.decode("ascii", "replace"), keep_blank_values=True))
    return {name: sent.get(name, "") for name in names}


async def trouble(error: Exception, req: Request, resp: Response) -> Trouble:
    """This will put a refusal into the reader's words. Raises the error itself where the table of problems does not know it."""
    problem = problem_of(error)
    if problem is None:
        raise error
    if problem.retry_after is not None:
        resp.set_header("Retry-After", str(problem.retry_after))
    write = await writing(req)
    if isinstance(error, FieldErrors):
        return Trouble(problem.status, None, {name: write.gettext(text) for name, text in error.errors.items()})
    return Trouble(problem.status, " ".join(sentences(problem, write)), {})


async def refused(error: Exception, req: Request, resp: Response, values: dict[str, str]) -> Filled:
    """This will give the form with what was typed and why it was refused. Raises what `trouble` does."""
    status, problem, errors = await trouble(error, req, resp)
    return Filled(values=values, status=status, problem=problem, errors=errors, same=isinstance(error, StillRunning))


def sentences(problem: Problem, write: Writing) -> list[str]:
    """This will say what went wrong, and how long to wait where that helps."""
    if problem.status != 429 or problem.retry_after is None:
        return [write.gettext(problem.detail)]
    unit, count = waiting_time(problem.retry_after)
    wait = {
        "second": write.ngettext("Please try again in one second.", "Please try again in %(count)d seconds.", count),
        "minute": write.ngettext("Please try again in one minute.", "Please try again in %(count)d minutes.", count),
        "hour": write.ngettext("Please try again in one hour.", "Please try again in %(count)d hours.", count),
    }[unit]
    return [write.gettext("That was tried too often of late."), wait % {"count": count}]
