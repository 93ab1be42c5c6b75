"""Whether this process is alive, and whether it can serve: for whatever restarts processes and sends requests to them."""

from __future__ import annotations

import asyncio
from typing import Any

import falcon
import msgspec
from falcon.asgi import Request, Response

from projections.projector import TRACKED_AS
from web.journeys.visit import Visit
from web.middleware.errors import DATABASE_AWAY
from web.services import UtilityServices

READY_WITHIN = 2.0
"""Seconds."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One utility: the log's last position, by how many events the read models are behind, and how much is parked."""

    position: int
    behind: int
    parked: int


class Live:
    """GET /healthz"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will say that the process runs. It asks nobody: a database that is away is no reason to restart us."""
        _tell(resp, 200, {"status": "ok"})


class Ready:
    """GET /readyz"""

    def __init__(self) -> None:
        self._asking: dict[str, asyncio.Task[Standing | None]] = {}

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will say whether requests can be served: 503 while the database does not answer within 2 s.

        Read models that are behind, or leave something out, are said so; they do not make us unready: readers are told, and
        another process would not know more.
        """
        visit: Visit = req.context.visit
        found = await self._standing(visit.services)
        if found is None:
            resp.set_header("Retry-After", "1")
            _tell(resp, 503, {"status": "database away"})
            return
        status = "parked" if found.parked else "behind" if found.behind > 1000 else "ready"
        _tell(resp, 200, {"status": status, **msgspec.to_builtins(found)})

    async def _standing(self, services: UtilityServices) -> Standing | None:
        # Asked once, whoever waits for it: a frozen database would otherwise be asked by every check anew.
        asking = self._asking.get(services.code)
        if asking is None:
            asking = self._asking[services.code] = asyncio.create_task(_ask(services))
            asking.add_done_callback(lambda _: self._asking.pop(services.code))
        done, _ = await asyncio.wait({asking}, timeout=READY_WITHIN)
        return asking.result() if done else None


async def _ask(services: UtilityServices) -> Standing | None:
    view = services.views.standing
    try:
        end, followers, parked = await asyncio.gather(view.end(), view.followers(), view.parked())
    except DATABASE_AWAY:
        return None
    behind = next((each.behind for each in followers if each.name == TRACKED_AS), end)
    return Standing(position=end, behind=behind, parked=sum(each.aggregates for each in parked))


def _tell(resp: Response, status: int, said: dict[str, Any]) -> None:
    resp.status = falcon.code_to_http_status(status)
    resp.content_type = "application/json"
    resp.data = msgspec.json.encode(said)
