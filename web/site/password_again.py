"""A form that asks for the password again, since what it changes needs it to have been given of late."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from falcon.asgi import Request, Response

from domain.commands.identity import WrongPassword
from web.journeys import authentication
from web.journeys.refusals import PasswordNeededAgain
from web.middleware.cookies import set_session
from web.site import forms
from web.site.forms import Filled
from web.site.writing import writing
from wording.catalogue import N_

FIELD = "password"
WRONG = N_("That is not your password.")


async def given(req: Request, resp: Response, password: str) -> None:
    """This will take the password, where one was typed; the request goes on under the new session.

    Raises what `authentication.authenticate` does.
    """
    if password:
        logged_in = await authentication.authenticate(req.context.visit, password)
        set_session(req, resp, logged_in)
        req.context.visit = replace(req.context.visit, session=logged_in.session)


async def refused(error: Exception, req: Request, resp: Response, values: dict[str, str]) -> Filled:
    """This will give the form with what was typed; what is to be said of the password stands at its field."""
    form = await forms.refused(error, req, resp, values)
    if isinstance(error, WrongPassword):
        return msgspec.structs.replace(form, problem=None, errors={FIELD: (await writing(req)).gettext(WRONG)})
    if isinstance(error, PasswordNeededAgain):
        return msgspec.structs.replace(form, problem=None, errors={FIELD: form.problem or ""})
    return form
