"""The link with which a person comes in for the first time: password, phone, recovery codes."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from web.console.render import show
from web.journeys import enrolment
from web.site import forms


class Enrol:
    """GET and POST /console/enrol/{token}"""

    async def on_get(self, req: Request, resp: Response, token: str) -> None:
        """This will ask for a password, and show the picture that the phone reads."""
        await _form(req, resp, token, errors={}, problem=None)

    async def on_post(self, req: Request, resp: Response, token: str) -> None:
        """This will let the person in from now on, and show the recovery codes.

        The one page that answers a POST itself: the codes are kept nowhere that a second request could read them from.
        """
        form = await forms.fields(req, "password", "again", "code")
        try:
            codes = await enrolment.enrol(req.context.visit, token, **form)
        except forms.REFUSALS as error:
            if isinstance(error, enrolment.InvitationNoLongerValid):
                raise
            status, problem, errors = await forms.trouble(error, req, resp)
            await _form(req, resp, token, status=status, errors=errors, problem=problem)
            return
        await show(req, resp, "recovery-codes.html", codes=codes, is_new=True)


class Picture:
    """GET /console/enrol/{token}/code.svg"""

    async def on_get(self, req: Request, resp: Response, token: str) -> None:
        """This will draw the picture that the phone reads."""
        resp.data = await enrolment.picture(req.context.visit, token)
        resp.content_type = "image/svg+xml"


async def _form(req: Request, resp: Response, token: str, **facts: Any) -> None:
    invited = await enrolment.invited(req.context.visit, token)
    groups = [invited.secret[start : start + 4] for start in range(0, len(invited.secret), 4)]
    await show(req, resp, "enrol.html", person=invited.person, secret=" ".join(groups), token=token, values={}, **facts)
