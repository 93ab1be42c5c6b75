"""Coming in for the first time: a person opens the link they were given, chooses a password and sets up their phone."""

from __future__ import annotations

import io

import msgspec
import segno

from domain.passwords import ALPHABET, check_own
from web.access import totp
from web.access.limits import ENROLMENTS
from web.access.people import Person
from web.journeys.known_words import utility_words
from web.journeys.refusals import FieldErrors, Stopped
from web.journeys.sign_in import recovery_hash
from web.journeys.visit import Visit
from wording.catalogue import N_

RECOVERY_CODES = 10
"""So many a person gets; of 80 bits each, so that a keyed hash keeps them."""


class InvitationNoLongerValid(Stopped):
    """This link was used, or has ended, or is none of ours."""


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """Who may enrol, and the secret for their phone."""

    person: Person
    secret: str

    def __repr__(self) -> str:
        return "Invited(…)"


async def invited(visit: Visit, token: str) -> Invited:
    """This will give who may enrol by a link. Raises InvitationNoLongerValid and TooManyTries."""
    await visit.throttles.take(ENROLMENTS, visit.source)
    person = await visit.people.invited(visit.services.code, token, visit.clock())
    if person is None:
        raise InvitationNoLongerValid
    return Invited(person=person, secret=totp.unseal(visit.services.secrets, person.person_id, person.totp_sealed))


async def enrol(visit: Visit, token: str, *, password: str, again: str, code: str) -> list[str]:
    """This will give the person password and phone, use up the link, and give the recovery codes, which are told this once.

    Raises InvitationNoLongerValid, FieldErrors, TooManyTries, and what `check_own` does.
    """
    found = await invited(visit, token)
    check_own(password, visit.services.portal.passwords, [found.person.name, *await utility_words(visit)])
    errors = {}
    if password != again:
        errors["again"] = N_("The two passwords differ.")
    step = totp.step_of(found.secret, "".join(code.split()), visit.clock())
    if step is None:
        errors["code"] = N_("That is not the code that the phone shows now. Is the phone's time right?")
    if errors or step is None:
        raise FieldErrors(errors)
    codes = make_recovery_codes(visit)
    hashes = [recovery_hash(visit, each) for each in codes]
    hashed = await visit.services.portal.passwords.slow_hash(password)
    if not await visit.people.enrol(token, password_hash=hashed, step=step, recovery_hashes=hashes):
        raise InvitationNoLongerValid
    return codes


async def picture(visit: Visit, token: str) -> bytes:
    """This will draw what the phone's camera reads, as SVG. Raises InvitationNoLongerValid and TooManyTries."""
    found = await invited(visit, token)
    issuer = (await visit.services.description()).name
    drawn = io.BytesIO()
    code = segno.make(totp.uri(found.secret, name=found.person.name, issuer=issuer), error="m", micro=False)
    code.save(drawn, kind="svg", scale=5, border=4, light="#ffffff", dark="#000000", xmldecl=False)
    return drawn.getvalue()


def make_recovery_codes(visit: Visit) -> list[str]:
    """This will make recovery codes: sixteen letters and digits each, in four groups."""
    return [_recovery_code(visit.randomness(10)) for _ in range(RECOVERY_CODES)]


def _recovery_code(raw: bytes) -> str:
    number = int.from_bytes(raw)
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
