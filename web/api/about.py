"""The utility, the API's own description, and health."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import Any

import falcon
import msgspec
from falcon.asgi import Request, Response

from domain.log import Log
from web.api import answers
from web.api.describe import describe
from web.api.openapi import Operations, document
from web.api.wire import answer, visit_of
from web.middleware.errors import DATABASE_AWAY

HEALTHY_WITHIN = 2.0
"""Seconds."""


class Utility:
    """GET /utility"""

    @describe("The utility that this host name belongs to.", answer=answers.Utility)
    async def on_get(self, req: Request, resp: Response) -> None:
        told = await visit_of(req).services.description()
        content = answers.Utility(
            code=told.code,
            name=told.name,
            currency=told.currency,
            zone=told.zone,
            primary_colour=told.primary_colour,
            accent_colour=told.accent_colour,
            support_phone=told.support_phone,
            support_email=told.support_email,
            languages=told.languages,
        )
        answer(req, resp, content)


class Health:
    """GET /healthz"""

    def __init__(self) -> None:
        self._asking: dict[str, asyncio.Task[Any]] = {}

    @describe("Whether this process reaches its database.", answer=answers.Health, problems=(503,))
    async def on_get(self, req: Request, resp: Response) -> None:
        services = visit_of(req).services
        if not await self._answers(services.code, services.log):
            raise falcon.HTTPServiceUnavailable
        answer(req, resp, answers.Health(status="ok"))

    async def _answers(self, code: str, log: Log) -> bool:
        # The question is not cancelled with our patience: psycopg would wait ten seconds for a frozen server to confirm
        # that. It is asked once, and whoever comes meanwhile waits for the same answer: health checks pile nothing up.
        asking = self._asking.get(code)
        if asking is None:
            asking = self._asking[code] = asyncio.create_task(_ask(log))
            asking.add_done_callback(lambda _: self._asking.pop(code))
        done, _ = await asyncio.wait({asking}, timeout=HEALTHY_WITHIN)
        return bool(done) and asking.result()


async def _ask(log: Log) -> bool:
    try:
        await log.feed_cursor("accounts")
    except DATABASE_AWAY:
        return False
    return True


class OpenApi:
    """GET /openapi.json"""

    operations: Operations = {}

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document: made when it is first asked for, since it takes a moment."""
        return document(self.operations)

    @describe("This document.")
    async def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = "application/json"
        resp.data = msgspec.json.encode(self.document)
        resp.status = falcon.HTTP_200
