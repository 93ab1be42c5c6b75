"""A person's own sign-in: another password, new recovery codes."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from web.console.render import show
from web.journeys import own_sign_in
from web.middleware.cookies import clear_person_session
from web.site import forms


class Me:
    """GET /console/me"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show what there is to change."""
        await _page(req, resp)


class Password:
    """POST /console/me/password"""

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will change the password, sign out everywhere, and lead to the sign-in."""
        form = await forms.fields(req, "password", "new", "again", "code")
        try:
            await own_sign_in.change_password(req.context.visit, **form)
        except forms.REFUSALS as error:
            await _refused(req, resp, error)
            return
        clear_person_session(req, resp)
        resp.status, resp.location = falcon.HTTP_303, "/console/sign-in"


class RecoveryCodes:
    """POST /console/me/recovery-codes"""

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will make new recovery codes and show them, which happens once: they are kept nowhere."""
        form = await forms.fields(req, "code")
        try:
            codes = await own_sign_in.new_recovery_codes(req.context.visit, form["code"])
        except forms.REFUSALS as error:
            await _refused(req, resp, error)
            return
        await show(req, resp, "recovery-codes.html", codes=codes, is_new=False)


async def _refused(req: Request, resp: Response, error: Exception) -> None:
    status, problem, errors = await forms.trouble(error, req, resp)
    await _page(req, resp, status=status, errors=errors, problem=problem)


async def _page(req: Request, resp: Response, **facts: Any) -> None:
    left, must_confirm = await own_sign_in.standing(req.context.visit)
    given: dict[str, Any] = {"errors": {}, "problem": None, "left": left, "must_confirm": must_confirm}
    await show(req, resp, "me.html", **given | facts)
