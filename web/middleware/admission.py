"""The one place that asks the role matrix: before any resource runs."""

from __future__ import annotations

from typing import Any

import structlog
from falcon.asgi import Request, Response

from web.access.matrix import MATRIX, reach
from web.access.roles import Role
from web.journeys.refusals import NotAllowed, NotLoggedIn
from web.journeys.visit import Visit

logger = structlog.get_logger("seed.web")


class Admission:
    """Middleware that lets a request through to its resource, or refuses it."""

    async def process_resource(self, req: Request, resp: Response, resource: object, params: dict[str, Any]) -> None:
        """This will raise NotLoggedIn where a login would help, NotAllowed where it would not."""
        template = req.uri_template or ""
        if not hasattr(resource, f"on_{req.method.lower()}"):
            return  # Falcon answers 405, or OPTIONS with what there is
        if (req.method, template) not in MATRIX:
            logger.error("no line of MATRIX, in web/access/matrix.py, is for this route", method=req.method, route=template)
            raise NotAllowed
        visit: Visit = req.context.visit
        if visit.api_key is not None and not visit.api_key.opens(visit.services.code):
            raise NotAllowed
        if reach(req.method, template, visit.role) is not None:
            return
        raise NotLoggedIn if visit.role is Role.VISITOR else NotAllowed
