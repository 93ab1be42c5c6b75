"""Logging in and out (journey 5)."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from web.journeys import login
from web.middleware.cookies import clear_session, set_session
from web.site import asked_for, forms
from web.site.render import show


class LogIn:
    """GET and POST /login"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the form, or lead whoever is logged in to the dashboard."""
        if req.context.visit.session is not None:
            resp.status, resp.location = falcon.HTTP_303, "/dashboard"
            return
        await show(req, resp, "login.html", values={}, errors={}, problem=None)

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will log in and lead to the page that was asked for, or show the form again with the number that was typed."""
        form = await forms.fields(req, "number", "password")
        try:
            session = await login.log_in(req.context.visit, form["number"], form["password"])
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            values = {"number": form["number"]}
            await show(req, resp, "login.html", status=status, values=values, errors=errors, problem=problem)
            return
        set_session(req, resp, session)
        resp.status, resp.location = falcon.HTTP_303, asked_for.take(req, resp, asked_for.NOTE, "/dashboard")


class LogOut:
    """POST /logout"""

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will end the session, here and on the server."""
        await login.log_out(req.context.visit)
        clear_session(req, resp)
        asked_for.forget(req, resp)
        resp.status, resp.location = falcon.HTTP_303, "/"
