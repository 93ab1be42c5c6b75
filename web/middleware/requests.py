"""Gives each request its utility and its visit, and logs it: what was asked, never what was said."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from falcon.asgi import Request, Response

from domain.ids import uuid7
from web.access.offered_addresses import OfferedAddresses
from web.access.throttles import Throttles
from web.journeys.visit import Visit
from web.middleware.languages import wanted
from web.middleware.lifespan import Lifespan
from web.middleware.paths import is_console
from web.middleware.policy import Policy
from web.middleware.source import source_of
from web.operations.metrics import answered
from web.services import UtilityServices

BEARER = re.compile(r"Bearer ([A-Za-z0-9_\-]{1,128})", re.IGNORECASE)

logger = structlog.get_logger("seed.web")


class Requests:
    """Middleware that makes `req.context.visit`, from host name, source, cookie or bearer token."""

    def __init__(self, lifespan: Lifespan, policy: Policy) -> None:
        self._lifespan = lifespan
        self._policy = policy

    async def process_request(self, req: Request, resp: Response) -> None:
        """This will find out who asks. An unknown or ended session makes a visitor."""
        req.context.began = time.perf_counter()
        req.context.policy = self._policy
        services = self._lifespan.services
        now = services.clock()
        request_id = uuid7(now, services.randomness)
        req.context.request_id = request_id
        resp.set_header("X-Request-Id", str(request_id))
        req.context.busy = services.busy
        req.context.deployment = services
        utility = self._lifespan.utility(_host(req))
        req.context.visit = self._visit(req, utility, request_id, now)
        await self._recognise(req, utility, now)

    async def process_response(self, req: Request, resp: Response, resource: object, req_succeeded: bool) -> None:
        """This will log the request: route template, status, milliseconds, id, position."""
        began = getattr(req.context, "began", None)
        line: dict[str, Any] = {
            "method": req.method,
            "route": req.uri_template or "none",
            "status": int(resp.status_code),
            "request_id": str(getattr(req.context, "request_id", "")),
        }
        if began is not None:
            seconds = time.perf_counter() - began
            answered(req.method, line["route"], line["status"], seconds)
            line["ms"] = round(seconds * 1000, 1)
            line["utility"] = req.context.visit.services.code if "visit" in req.context else None
        if position := resp.get_header("Seed-Position"):
            line["position"] = int(position)
        logger.info("request", **line)

    async def _recognise(self, req: Request, utility: UtilityServices, now: datetime) -> None:
        bearer = BEARER.fullmatch(req.get_header("Authorization") or "")
        if not bearer and is_console(req.path) and await self._recognise_person(req, utility, now):
            return
        token = bearer.group(1) if bearer else req.cookies.get(self._policy.session_cookie)
        if token is None:
            return
        visit: Visit = req.context.visit
        if bearer and token.startswith("seed_"):
            key = await self._lifespan.api_keys.find(token)
            if key is not None:
                req.context.visit = replace(visit, api_key=key)
            return
        session = await self._lifespan.sessions.find(token, utility=utility.code, now=now)
        if session is not None and session.credential_version >= await utility.log.credential_version(session.account_id):
            req.context.visit = replace(visit, session=session)

    async def _recognise_person(self, req: Request, utility: UtilityServices, now: datetime) -> bool:
        """A person's session counts on the console alone; there it goes before a customer's."""
        token = req.cookies.get(self._policy.console_cookie)
        person = await self._lifespan.people.sessions.find(token, utility=utility.code, now=now) if token else None
        if person is not None:
            req.context.visit = replace(req.context.visit, person=person)
        return person is not None

    def _visit(self, req: Request, utility: UtilityServices, request_id: UUID, now: datetime) -> Visit:
        """A visitor's, until somebody is recognised."""
        services = self._lifespan.services
        return Visit(
            services=utility,
            sessions=self._lifespan.sessions,
            people=self._lifespan.people,
            throttles=Throttles(services.counts, utility.secrets, utility.code, now),
            queues=self._lifespan.queues,
            rendered=self._lifespan.rendered,
            offered_addresses=OfferedAddresses(services.pool, utility.secrets, utility.code),
            clock=services.clock,
            randomness=services.randomness,
            correlation_id=request_id,
            source=source_of(req.remote_addr, req.get_header("X-Forwarded-For"), self._policy.trusted_proxies),
            languages=wanted(req.cookies.get(self._policy.language_cookie), req.get_header("Accept-Language")),
            device=req.cookies.get(self._policy.console_device_cookie if is_console(req.path) else self._policy.device_cookie),
        )


def _host(req: Request) -> str:
    """The host name that was asked for; empty where the header holds none, so that the first utility answers."""
    try:
        return str(req.host)
    except ValueError:
        return ""
