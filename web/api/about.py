"""The utility, the API's own description, and health."""

from __future__ import annotations

import asyncio
from typing import Any

import falcon
import msgspec
from falcon.asgi import Request, Response

from web.api import answers
from web.api.describe import describe
from web.api.wire import answer, visit_of

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

    @describe("Whether this process reaches its database.", answer=answers.Health, problems=(503,))
    async def on_get(self, req: Request, resp: Response) -> None:
        async with asyncio.timeout(HEALTHY_WITHIN):
            await visit_of(req).services.log.feed_cursor("accounts")
        answer(req, resp, answers.Health(status="ok"))


class OpenApi:
    """GET /openapi.json"""

    def __init__(self) -> None:
        self.document: dict[str, Any] = {}

    @describe("This document.")
    async def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = "application/json"
        resp.data = msgspec.json.encode(self.document)
        resp.status = falcon.HTTP_200
