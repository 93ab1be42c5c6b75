"""Turns whatever was raised into one answer: problem+json for the API, a page for people. Nothing of the fault leaks."""

from __future__ import annotations

from typing import Any

import falcon
import msgspec
import psycopg
import structlog
from falcon.asgi import App, Request, Response, WebSocket
from marshmallow import ValidationError
from psycopg_pool import PoolTimeout, TooManyRequests

from eventlog.waiting import way_to
from web.console.errors import render_console_problem
from web.journeys.visit import Visit
from web.middleware.languages import spoken
from web.middleware.methods import with_head
from web.middleware.paths import is_console
from web.problem import Problem, Row
from web.problems import BUSY, OUT_OF_ORDER, of_http, problem_of
from web.site.errors import render_problem
from wording.catalogue import N_, catalogue

ASKED_BY_MACHINES = ("/healthz", "/readyz", "/metrics")
"""They are answered with problem+json, like the API."""

DATABASE_AWAY = (psycopg.OperationalError, PoolTimeout, TooManyRequests)

logger = structlog.get_logger("seed.web")


def add_error_handlers(app: App[Any, Any]) -> None:
    """This will have every exception answered here."""
    app.add_error_handler(Exception, _handle)
    app.add_error_handler(falcon.HTTPError, _handle_http)


async def _handle(
    req: Request, resp: Response | None, error: Exception, params: dict[str, Any], ws: WebSocket | None = None
) -> None:
    if ws is not None or resp is None:
        await _close(ws)
        return
    problem = problem_of(error)
    if isinstance(error, ValidationError):
        problem = _invalid(error)
    elif problem is None and isinstance(error, getattr(req.context, "busy", ())):
        problem = _from_row("TooBusy", BUSY)
    elif problem is None and isinstance(error, psycopg.errors.DiskFull):
        logger.error("the database's disk is full: make room on it", request_id=str(getattr(req.context, "request_id", "")))
        problem = _from_row("TooBusy", BUSY)
    elif problem is None:
        _log(req, error)
        away = isinstance(error, DATABASE_AWAY)
        problem = _from_row("TooBusy", BUSY) if away else _from_row("OutOfOrder", OUT_OF_ORDER)
    await _answer(req, resp, problem)


async def _close(ws: WebSocket | None) -> None:
    """There are no WebSockets here."""
    if ws is not None:
        await ws.close(3404)


async def _handle_http(
    req: Request, resp: Response | None, error: falcon.HTTPError, params: dict[str, Any], ws: WebSocket | None = None
) -> None:
    if ws is not None or resp is None:
        await _close(ws)
        return
    if error.headers:
        resp.set_headers(error.headers)
    allowed = resp.get_header("Allow")
    detail = error.description
    if error.status_code == 405 and allowed is not None:
        resp.set_header("Allow", with_head(allowed))
        detail = f"This path does not take {req.method}. It takes {with_head(allowed)}."
    await _answer(req, resp, of_http(error.status_code, detail))


async def _answer(req: Request, resp: Response, problem: Problem) -> None:
    problem = msgspec.structs.replace(problem, request_id=getattr(req.context, "request_id", None))
    resp.status = falcon.code_to_http_status(problem.status)
    if problem.retry_after is not None:
        resp.set_header("Retry-After", str(problem.retry_after))
    if problem.status == 401:
        resp.set_header("WWW-Authenticate", 'Bearer realm="seed"')
    _rate_limit_headers(req, resp)
    resp.set_header("Cache-Control", "no-store")
    if req.path.lstrip("/").startswith("api/") or req.uri_template in ASKED_BY_MACHINES:
        language = await spoken(getattr(req.context, "visit", None))
        resp.content_type = "application/problem+json"
        resp.set_header("Content-Language", language)
        resp.data = msgspec.json.encode(problem.said_in(catalogue(language).gettext).body())
    elif is_console(req.path):
        await render_console_problem(req, resp, problem)
    else:
        await render_problem(req, resp, problem)


def _rate_limit_headers(req: Request, resp: Response) -> None:
    visit: Visit | None = getattr(req.context, "visit", None)
    if visit is not None:
        add_rate_limit(resp, visit)


def add_rate_limit(resp: Response, visit: Visit) -> None:
    """This will tell a client of the API how much it may still ask (draft-ietf-httpapi-ratelimit-headers).

    What all visitors share does not stand there: it would show how busy the utility is, and how far an attack has got.
    """
    standings = visit.throttles.standings
    if standings:
        resp.set_header("RateLimit", ", ".join(f'"{s.purpose}";r={s.remaining};t={s.reset}' for s in standings))


def _from_row(rule: str, row: Row) -> Problem:
    return Problem(status=row.status, rule=rule, title=row.title, detail=row.detail, retry_after=row.retry_after)


def _invalid(error: ValidationError) -> Problem:
    messages = error.messages if isinstance(error.messages, dict) else {"body": error.messages}
    return Problem(
        status=422,
        rule="FieldErrors",
        title=N_("Please check what you entered"),
        detail=N_("Some of it cannot be used."),
        errors={str(name): _flat(found) for name, found in messages.items()},
    )


def _flat(found: Any) -> list[str]:
    if isinstance(found, dict):
        return [f"{name}: {text}" for name, below in found.items() for text in _flat(below)]
    return [str(text) for text in found] if isinstance(found, list) else [str(found)]


def _log(req: Request, error: Exception) -> None:
    # Class and place only: an error's text may hold what somebody typed.
    logger.error(
        "unexpected",
        error=type(error).__qualname__,
        where=way_to(error),
        method=req.method,
        route=req.uri_template or "none",
        request_id=str(getattr(req.context, "request_id", "")),
    )
