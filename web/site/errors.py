"""Problems as pages, in the same look as everything else."""

from __future__ import annotations

import falcon
import structlog
from falcon.asgi import Request, Response

from domain.utility import Description
from web.journeys.visit import Visit
from web.problem import Problem
from web.site import asked_for
from web.site.forms import sentences
from web.site.render import dress
from web.site.writing import writing_for
from wording.catalogue import N_

NOBODY = Description(
    code="",
    name="Seed",
    currency="USD",
    zone="UTC",
    primary_colour="",
    accent_colour="",
    support_phone="",
    support_email="",
    streets=(),
    default_arrears_share=0,
)
"""Stands in where even the utility cannot be read."""

SAID = {
    404: (N_("Not found"), N_("There is nothing at this address. Perhaps it was cut short?")),
    405: (N_("Not possible"), N_("This address cannot be used like that.")),
}
"""What is said for people where HTTP has a phrase of its own."""

logger = structlog.get_logger("seed.web")


async def render_problem(req: Request, resp: Response, problem: Problem) -> None:
    """This will answer with a page that says what happened; whoever has to log in first is led there."""
    if problem.rule == "NotLoggedIn" and req.method == "GET":
        asked_for.keep(req, resp)
        resp.status, resp.location = falcon.HTTP_303, "/login"
        return
    visit: Visit | None = getattr(req.context, "visit", None)
    logged_in = visit is not None and visit.session is not None
    ways = [("/dashboard", N_("To the dashboard"))] if logged_in else [("/", N_("To the start page"))]
    if problem.rule == "TicketExpired":
        ways.insert(0, ("/get-password", N_("Get Password")))
    utility = await utility_of(visit)
    heading, *said = SAID.get(problem.status) or (problem.title, *sentences(problem, writing_for(req, utility)))
    said = [text for messages in problem.errors.values() for text in messages] or said
    dress(
        req,
        resp,
        "message.html",
        utility,
        status=problem.status,
        heading=heading,
        points=said,
        good=False,
        reference=problem.request_id if problem.status >= 500 else None,
        ways=ways,
    )


async def utility_of(visit: Visit | None) -> Description:
    """This will give the visitor's utility, or somebody who stands in for it where it cannot be read."""
    if visit is None:
        return NOBODY
    try:
        return await visit.services.description()
    except Exception as error:
        # The page about a fault must not fail by the same fault.
        logger.warning("the utility could not be read for an error page", error=type(error).__qualname__)
        return NOBODY
