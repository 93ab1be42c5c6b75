"""Problems on the console, in its own look."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from web.console.render import dress
from web.journeys.visit import Visit
from web.problem import Problem
from web.site import asked_for
from web.site.errors import SAID, utility_of
from web.site.forms import sentences
from web.site.writing import writing_for
from wording.catalogue import N_


async def render_console_problem(req: Request, resp: Response, problem: Problem) -> None:
    """This will answer with a page that says what happened; whoever has to sign in first is led there."""
    if problem.rule == "NotLoggedIn" and req.method == "GET":
        asked_for.keep_on_the_console(req, resp)
        resp.status, resp.location = falcon.HTTP_303, "/console/sign-in"
        return
    visit: Visit | None = getattr(req.context, "visit", None)
    is_signed_in = visit is not None and (visit.person is not None or visit.api_key is not None)
    utility = await utility_of(visit)
    heading, *said = SAID.get(problem.status) or (problem.title, *sentences(problem, writing_for(req, utility)))
    said = [text for messages in problem.errors.values() for text in messages] or said
    if problem.rule == "NotLoggedIn":
        heading = N_("Please sign in again")
        said = [
            N_("You were signed out meanwhile, so nothing was done."),
            N_("What you typed is not lost: sign in in a second window, come back here, go one page back, and send it again."),
        ]
    dress(
        req,
        resp,
        "problem.html",
        utility,
        status=problem.status,
        heading=heading,
        points=said,
        reference=problem.request_id if problem.status >= 500 else None,
        way=("/console", N_("To the overview")) if is_signed_in else ("/console/sign-in", N_("Sign in")),
        second_window=problem.rule == "NotLoggedIn",
    )
