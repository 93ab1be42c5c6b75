"""Changing the password as a page (journey 9)."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from domain.commands.identity import WrongPassword
from domain.passwords import LONGEST, SHORTEST, PasswordGuessable, PasswordTooCommon, PasswordTooLong, PasswordTooShort
from web.journeys import change_password
from web.journeys.refusals import FieldErrors
from web.journeys.visit import Visit
from web.middleware.cookies import set_session
from web.site import forms, notes
from web.site.edit import SAVED
from web.site.render import show
from web.site.writing import writing
from wording.catalogue import N_

FIELD_OF: dict[type[Exception], str] = {
    WrongPassword: "current",
    PasswordTooShort: "chosen",
    PasswordTooLong: "chosen",
    PasswordTooCommon: "chosen",
    PasswordGuessable: "chosen",
}
"""Beside which field a refusal is said."""


class ChangePassword:
    """GET and POST /edit/password"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will ask for the current password and, twice, for a new one."""
        await self._show(req, resp)

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will change it, or say what is wrong. No password is ever put into a page: they are typed again."""
        form = await forms.fields(req, "current", "chosen", "again")
        try:
            if form["chosen"] != form["again"]:
                raise FieldErrors({"again": N_("This is not the same as above. Type the new password twice.")})
            changed = await change_password.change(req.context.visit, form["current"], form["chosen"])
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            if type(error) in FIELD_OF:
                problem, errors = None, {FIELD_OF[type(error)]: problem or ""}
            await self._show(req, resp, status=status, problem=problem, errors=errors)
            return
        set_session(req, resp, changed.login)
        write = await writing(req)
        said = [
            write.gettext("Your password is changed. Every other device is logged out."),
            write.gettext("We have told your registered contacts."),
        ]
        notes.leave(req, resp, SAVED, said)
        resp.status, resp.location = falcon.HTTP_303, "/edit"

    async def _show(
        self,
        req: Request,
        resp: Response,
        *,
        status: int = 200,
        problem: str | None = None,
        errors: dict[str, str] | None = None,
    ) -> None:
        visit: Visit = req.context.visit
        account = await visit.services.portal.account(visit.account_id)
        issued = any(issue.opens(visit.clock()) for issue in account.credentials.issues.values() if issue.recipients)
        await show(
            req,
            resp,
            "edit-password.html",
            status=status,
            problem=problem,
            errors=errors or {},
            number=account.number,
            issued=issued,
            shortest=SHORTEST,
            longest=LONGEST,
        )
