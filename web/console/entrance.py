"""Signing in and out, and the overview that is seen first."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from web.console.render import show
from web.journeys import sign_in
from web.middleware.cookies import clear_person_session, set_person_session
from web.site import asked_for, forms


class Home:
    """GET /console"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show what there is for whoever is signed in."""
        await show(req, resp, "home.html")


class SignIn:
    """GET and POST /console/sign-in"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the form, or lead whoever is signed in to the overview."""
        if req.context.visit.person is not None:
            resp.status, resp.location = falcon.HTTP_303, "/console"
            return
        await show(req, resp, "sign-in.html", values={}, errors={}, problem=None)

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will sign in and lead to the page that was asked for, or show the form again with the name that was typed."""
        form = await forms.fields(req, "name", "password", "code")
        try:
            signed_in = await sign_in.sign_in(req.context.visit, form["name"], form["password"], form["code"])
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            values = {"name": form["name"]}
            await show(req, resp, "sign-in.html", status=status, values=values, errors=errors, problem=problem)
            return
        set_person_session(req, resp, signed_in.token, signed_in.device)
        resp.status, resp.location = falcon.HTTP_303, asked_for.take(req, resp, asked_for.ON_THE_CONSOLE, "/console")


class SignOut:
    """POST /console/sign-out"""

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will end the session, here and on the server."""
        await sign_in.sign_out(req.context.visit)
        clear_person_session(req, resp)
        resp.status, resp.location = falcon.HTTP_303, "/console/sign-in"
