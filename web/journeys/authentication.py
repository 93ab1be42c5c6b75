"""Giving the password again: what matters most is changed only within ten minutes of it."""

from __future__ import annotations

from domain.commands.identity import LoginRefused, WrongPassword
from domain.passwords import LONGEST
from web.access.limits import PASSWORDS_AGAIN
from web.access.sessions import Session
from web.access.throttles import Attempt, judging
from web.journeys import login
from web.journeys.login import LoggedIn
from web.journeys.refusals import FieldErrors, NotLoggedIn, PasswordNeededAgain
from web.journeys.visit import Visit
from wording.catalogue import N_

WRONG = (WrongPassword, LoginRefused)
"""What says that a password was looked at, and does not open."""


def session_of(visit: Visit) -> Session:
    """This will give the session of whoever is logged in. Raises NotLoggedIn."""
    if visit.session is None:
        raise NotLoggedIn
    return visit.session


def is_fresh(visit: Visit) -> bool:
    """This will say whether the password was given within the last ten minutes. Raises NotLoggedIn."""
    return session_of(visit).is_fresh(visit.clock())


def check_fresh(visit: Visit) -> None:
    """This will refuse whoever gave the password longer ago. Raises NotLoggedIn, PasswordNeededAgain."""
    if not is_fresh(visit):
        raise PasswordNeededAgain


async def authenticate(visit: Visit, password: str) -> LoggedIn:
    """This will take the password, and put a new session in the place of this one.

    Raises FieldErrors, WrongPassword, LoginRefused (an issued password that ended meanwhile), TooManyTries, PasswordsBusy.
    """
    session = session_of(visit)
    tries = await attempt(visit, password, "password")
    async with judging(tries, wrong=WRONG):
        found = await visit.services.portal.authenticate(
            visit.context(), account_id=session.account_id, password=password, via_issue=session.via_issue
        )
    await tries.succeeded()
    return await login.renew(visit, found)


async def attempt(visit: Visit, password: str, field: str) -> Attempt:
    """This will count a password that is to be tried, as wrong until it succeeds. Raises FieldErrors, TooManyTries."""
    if not password:
        raise FieldErrors({field: N_("Enter your password.")})
    tries = await visit.throttles.attempt(PASSWORDS_AGAIN, session_of(visit).account_id)
    if len(password) > LONGEST:
        raise WrongPassword
    return tries
