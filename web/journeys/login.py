"""Logging in and out (journey 5)."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from domain.commands.identity import Login, LoginRefused, UnknownNumber
from domain.passwords import ALPHABET, LONGEST, normal_form
from web.access.limits import LOGINS, LOGINS_OF_ACCOUNT
from web.access.sessions import Session
from web.access.throttles import judging
from web.journeys import devices, normal
from web.journeys.refusals import FieldErrors, TooManyTries
from web.journeys.visit import Visit
from wording.catalogue import N_

MACHINE_MADE = re.compile(f"[{ALPHABET}]{{28}}")


class LoggedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A new session: its secret token is known here and to the client alone. `device` lets this device be known again."""

    token: str
    expires_at: datetime
    device: str
    session: Session

    def __repr__(self) -> str:
        return "LoggedIn(…)"


async def log_in(visit: Visit, number: str, password: str) -> LoggedIn:
    """This will open a session. Raises FieldErrors, TooManyTries, PasswordsBusy; LoginRefused does not say what was wrong.

    After ten failures an account's log-ins are delayed, longer each time, up to a quarter of an hour. The delay is the
    stranger's, not the owner's: a device that logged in to the account before has a count of its own, and a password
    that Seed made (140 bits: nobody guesses it) is looked at without delay, so Get Password always lets the owner in.
    """
    number = normal.checked(number=normal.number(number))["number"]
    if not password or len(password) > LONGEST:
        raise FieldErrors(
            {"password": N_("Enter the password.") if not password else N_("That is longer than any password here.")}
        )
    by_source = await visit.throttles.take(LOGINS, visit.source)
    try:
        whose = str((await visit.services.portal.find(number)).account_id)
    except UnknownNumber:
        whose = number
    known = devices.known(visit, whose)
    tries = None
    try:
        tries = await visit.throttles.attempt(LOGINS_OF_ACCOUNT, f"{whose} {visit.device}" if known else whose)
    except TooManyTries:
        if not MACHINE_MADE.fullmatch(normal_form(password)):
            raise
    # While a delay holds, only what nobody guesses opens: a phrase of one's own can look like a password that Seed made.
    counted = (by_source,) if tries is None else (by_source, tries)
    async with judging(*counted, wrong=(LoginRefused,)):
        login = await visit.services.portal.log_in(visit.context(), number=number, password=password, issued_only=tries is None)
    if tries is not None:
        await tries.succeeded()
    return await renew(visit, login)


async def renew(visit: Visit, login: Login) -> LoggedIn:
    """This will put a new session, with a new token, in the place of the one that the visitor has, if any."""
    made = await visit.sessions.begin(visit.services.code, login, visit.clock(), instead_of=visit.session)
    device = devices.make(visit, str(login.account_id))
    return LoggedIn(token=made.token, expires_at=made.session.expires_at, device=device, session=made.session)


async def log_out(visit: Visit) -> None:
    """This will end the session, on the server too; without one it does nothing."""
    if visit.session is not None:
        await visit.sessions.end(visit.session)
