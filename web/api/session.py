"""Logging in and out. API clients carry the token as `Authorization: Bearer`."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from web.api import answers, schemas
from web.api.describe import describe
from web.api.wire import answer, body_of, visit_of
from web.journeys import login


class Session:
    """POST and DELETE /session"""

    @describe(
        "Log in with an account or meter number and a password.",
        body=schemas.LogIn,
        status=201,
        answer=answers.NewSession,
        problems=(401, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        data = await body_of(req, schemas.LogIn)
        session = await login.log_in(visit_of(req), data["number"], data["password"])
        answer(req, resp, answers.NewSession(token=session.token, expires_at=session.expires_at), status=201)

    @describe("Log out: the session ends on the server.", status=204, problems=(401,))
    async def on_delete(self, req: Request, resp: Response) -> None:
        await login.log_out(visit_of(req))
        resp.status = falcon.HTTP_204
