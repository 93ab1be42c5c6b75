"""Logging in and out, the password again, and another one. API clients carry the token as `Authorization: Bearer`."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from domain.passwords import LONGEST, SHORTEST
from web.api import answers, schemas
from web.api.describe import describe
from web.api.typed import Text
from web.api.wire import answer, body_of, visit_of
from web.journeys import authentication, change_password, login


class Authenticate(schemas.Strict):
    password = Text(most=LONGEST, examples=["correct horse battery staple"], format="password")


class ChoosePassword(schemas.Strict):
    current = Text(most=LONGEST, examples=["correct horse battery staple"], format="password")
    chosen = Text(
        most=LONGEST,
        description=f"At least {SHORTEST} characters, and none that anybody would try first.",
        examples=["another horse battery staple"],
        format="password",
    )


class PasswordChosen(answers.NewSession, frozen=True):
    """The session goes on under a new token; every other one has ended."""

    position: int


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


class Authentication:
    """POST /session/authentication"""

    @describe(
        "Give the password again: for ten minutes contacts and language may be changed. The session goes on under a new token.",
        body=Authenticate,
        status=201,
        answer=answers.NewSession,
        problems=(401, 403, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        session = await authentication.authenticate(visit_of(req), (await body_of(req, Authenticate))["password"])
        answer(req, resp, answers.NewSession(token=session.token, expires_at=session.expires_at), status=201)


class Password:
    """PUT /me/password"""

    @describe(
        "Choose a password. Every other session ends; this one goes on under a new token.",
        body=ChoosePassword,
        answer=PasswordChosen,
        problems=(401, 403, 422, 429),
    )
    async def on_put(self, req: Request, resp: Response) -> None:
        data = await body_of(req, ChoosePassword)
        changed = await change_password.change(visit_of(req), data["current"], data["chosen"])
        session = changed.login
        answer(req, resp, PasswordChosen(token=session.token, expires_at=session.expires_at, position=changed.position))
