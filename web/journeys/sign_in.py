"""Signing in to the console: name, password and code together, so that nobody learns which of them was wrong."""

from __future__ import annotations

import re
from uuid import UUID

import msgspec
import structlog

from domain.passwords import LONGEST, LOOKALIKES
from web.access import totp
from web.access.limits import SIGN_INS, SIGN_INS_OF_PERSON
from web.access.people import Person
from web.access.throttles import judging
from web.journeys import devices
from web.journeys.refusals import FieldErrors, NotAllowed, Stopped
from web.journeys.visit import Visit
from wording.catalogue import N_

LONGEST_INPUT = 64
"""Characters of a name or code that are looked at."""

logger = structlog.get_logger("seed.web")


class SignInRefused(Stopped):
    """Name, password and code do not go together; which of them is wrong is not said."""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A new session of the console: its secret token is known here and to the browser alone."""

    token: str
    device: str

    def __repr__(self) -> str:
        return "SignedIn(…)"


async def sign_in(visit: Visit, name: str, password: str, code: str) -> SignedIn:
    """This will open a session under a new token. Raises FieldErrors, TooManyTries, SignInRefused, PasswordsBusy.

    `code` is the phone's, or a recovery code. Failures delay further tries, up to an hour, but never those from a device on
    which the person was signed in before: those have a count of their own.
    """
    name, code = name.strip().lower(), code.strip()
    _given(name=name, password=password, code=code)
    by_source = await visit.throttles.take(SIGN_INS, visit.source)
    person = await visit.people.named(visit.services.code, name)
    whose = f"person {person.person_id}" if person is not None else ""
    subject = f"{name} {visit.device}" if whose and devices.known(visit, whose) else name
    # Told apart from what is counted below and in `own_sign_in`: a stranger may type anything for a name.
    tries = await visit.throttles.attempt(SIGN_INS_OF_PERSON, f"sign-in {subject}")
    async with judging(by_source, tries, wrong=(SignInRefused,)):
        # The password is hashed whoever it is, so that it takes as long.
        matches = await visit.services.portal.passwords.matches(person.password_hash if person else None, password)
        is_let_in = person is not None and matches and person.disabled_at is None
        if person is None or person.password_hash is None or not is_let_in or not await _uses(visit, person, code):
            logger.warning("sign-in refused", utility=visit.services.code, person=person.name if person else None)
            raise SignInRefused
    await tries.succeeded()
    if visit.person is not None:
        await visit.people.sessions.end(visit.person)
    password_hash = await _well_hashed(visit, person.person_id, person.password_hash, password)
    token = await visit.people.sessions.begin(person.person_id, password_hash, visit.clock())
    if token is None:
        raise SignInRefused
    logger.info("signed in", utility=visit.services.code, person=person.name, role=person.role.value)
    return SignedIn(token=token, device=devices.make(visit, whose))


async def sign_out(visit: Visit) -> None:
    """This will end the session, on the server too; without one it does nothing."""
    if visit.person is not None:
        await visit.people.sessions.end(visit.person)


def must_confirm(visit: Visit) -> bool:
    """This will say whether a grave action needs a code again, since the last one is more than ten minutes old."""
    return visit.person is None or not visit.person.is_fresh(visit.clock())


async def confirm(visit: Visit, code: str) -> None:
    """This will see, before a grave action, that it is the person who sits there: by a code, where the last one is old.

    Raises FieldErrors on `code`, TooManyTries, and NotAllowed for whoever is not signed in as a person.
    """
    if visit.person is None:
        raise NotAllowed
    if not must_confirm(visit):
        return
    if not code.strip():
        raise FieldErrors({"code": N_("Enter the code that your phone shows now: this is asked again after ten minutes.")})
    tries = await visit.throttles.attempt(SIGN_INS_OF_PERSON, f"confirm {visit.person.name}")
    async with judging(tries, wrong=(FieldErrors,)):
        person = await visit.people.by_id(visit.person.person_id)
        if person is None or not await _uses(visit, person, code.strip()[:LONGEST_INPUT]):
            raise FieldErrors(
                {"code": N_("That is not the code that the phone shows now. Each code works once: wait for the next.")}
            )
    await tries.succeeded()
    await visit.people.sessions.freshen(visit.person, visit.clock())


def recovery_hash(visit: Visit, code: str) -> bytes:
    """This will give what a recovery code is kept as; case, spaces, hyphens and letters that look like digits are forgiven."""
    return visit.services.secrets.mac("recovery-code", code.strip().lower().translate(LOOKALIKES).encode())


async def _well_hashed(visit: Visit, person_id: UUID, password_hash: str, password: str) -> str:
    """What a right password is kept as from now on: only now is it at hand to be hashed as it is done today."""
    passwords = visit.services.portal.passwords
    if not passwords.is_outdated(password_hash):
        return password_hash
    hashed = await passwords.slow_hash(password)
    return hashed if await visit.people.rehash_password(person_id, password_hash, hashed) else password_hash


async def _uses(visit: Visit, person: Person, code: str) -> bool:
    """Whether it is a right code that was not used before; it is used up."""
    digits = re.sub(r"\s", "", code)
    if not totp.CODE.fullmatch(digits):
        return await visit.people.use_recovery_code(person.person_id, recovery_hash(visit, code))
    secret = totp.unseal(visit.services.secrets, person.person_id, person.totp_sealed)
    step = totp.step_of(secret, digits, visit.clock())
    return step is not None and await visit.people.use_step(person.person_id, step)


def _given(*, name: str, password: str, code: str) -> None:
    errors = {}
    if not name or len(name) > LONGEST_INPUT:
        errors["name"] = N_("Enter your name, as it was given to you.")
    if not password or len(password) > LONGEST:
        errors["password"] = N_("Enter the password.") if not password else N_("That is longer than any password here.")
    if not code or len(code) > LONGEST_INPUT:
        errors["code"] = N_("Enter the six digits that your phone shows, or a recovery code.")
    if errors:
        raise FieldErrors(errors)
