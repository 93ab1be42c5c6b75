"""Changing the password (journey 9): the current one is asked for, the other sessions end, this one goes on under a new token."""

from __future__ import annotations

import msgspec

from domain.log import Position
from web.access.throttles import judging
from web.journeys import login
from web.journeys.authentication import WRONG, attempt, session_of
from web.journeys.known_words import utility_words
from web.journeys.login import LoggedIn
from web.journeys.visit import Visit


class PasswordChanged(msgspec.Struct, frozen=True, kw_only=True):
    """It is changed; `login` is the session that goes on."""

    position: Position
    login: LoggedIn


async def change(visit: Visit, current: str, chosen: str) -> PasswordChanged:
    """This will make the chosen password the owner's own.

    Raises what `check_chosen` does, WrongPassword and LoginRefused (they count), FieldErrors, TooManyTries, PasswordsBusy.
    """
    session, portal, known = session_of(visit), visit.services.portal, await utility_words(visit)
    # Before anything is counted: a weak choice is no wrong password.
    await portal.check_chosen(account_id=session.account_id, chosen=chosen, known=known)
    tries = await attempt(visit, current, "current")
    async with judging(tries, wrong=WRONG):
        position, found = await portal.choose_password(
            visit.context(),
            account_id=session.account_id,
            current=current,
            chosen=chosen,
            via_issue=session.via_issue,
            known=known,
        )
    await tries.succeeded()
    return PasswordChanged(position=position, login=await login.renew(visit, found))
