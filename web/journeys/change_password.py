"""Changing the password (journey 9): the current one is asked for, the other sessions end, this one goes on under a new token."""

from __future__ import annotations

import msgspec

from domain.log import Position
from domain.passwords import check_own
from web.journeys import login
from web.journeys.authentication import attempt, session_of
from web.journeys.login import LoggedIn
from web.journeys.visit import Visit


class PasswordChanged(msgspec.Struct, frozen=True, kw_only=True):
    """It is changed; `login` is the session that goes on."""

    position: Position
    login: LoggedIn


async def change(visit: Visit, current: str, chosen: str) -> PasswordChanged:
    """This will make the chosen password the owner's own.

    Raises PasswordTooShort, PasswordTooLong, PasswordTooCommon, WrongPassword (it counts), FieldErrors, TooManyTries.
    """
    session, portal = session_of(visit), visit.services.portal
    check_own(chosen, portal.passwords)
    tries = await attempt(visit, current, "current")
    position, found = await portal.choose_password(
        visit.context(), account_id=session.account_id, current=current, chosen=chosen, via_issue=session.via_issue
    )
    await tries.succeeded()
    return PasswordChanged(position=position, login=await login.renew(visit, found))
