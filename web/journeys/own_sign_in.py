"""What a person changes about their own sign-in. Each change asks for a code again where the last one is old."""

from __future__ import annotations

from domain.passwords import check_own
from web.access.limits import SIGN_INS_OF_PERSON
from web.access.throttles import judging
from web.journeys.enrolment import make_recovery_codes
from web.journeys.known_words import utility_words
from web.journeys.refusals import FieldErrors, NotAllowed
from web.journeys.sign_in import confirm, must_confirm, recovery_hash
from web.journeys.visit import Visit
from wording.catalogue import N_


async def standing(visit: Visit) -> tuple[int, bool]:
    """This will give how many recovery codes are left, and whether a change needs a code. Raises NotAllowed."""
    if visit.person is None:
        raise NotAllowed
    return await visit.people.recovery_codes_left(visit.person.person_id), must_confirm(visit)


async def change_password(visit: Visit, *, password: str, new: str, again: str, code: str) -> None:
    """This will change the password and end all sessions of the person.

    Raises NotAllowed, FieldErrors, TooManyTries, PasswordsBusy, and what `check_own` does.
    """
    if visit.person is None:
        raise NotAllowed
    passwords = visit.services.portal.passwords
    if new != again:
        raise FieldErrors({"again": N_("The two passwords differ.")})
    check_own(new, passwords, [visit.person.name, *await utility_words(visit)])
    tries = await visit.throttles.attempt(SIGN_INS_OF_PERSON, f"password {visit.person.name}")
    async with judging(tries, wrong=(FieldErrors,)):
        person = await visit.people.by_id(visit.person.person_id)
        if person is None or not await passwords.matches(person.password_hash, password):
            raise FieldErrors({"password": N_("That is not the present password.")})
    await tries.succeeded()
    await confirm(visit, code)
    await visit.people.change_password(person.person_id, await passwords.slow_hash(new))


async def new_recovery_codes(visit: Visit, code: str) -> list[str]:
    """This will make new recovery codes in the place of all former ones. Raises NotAllowed, FieldErrors, TooManyTries."""
    await confirm(visit, code)
    if visit.person is None:
        raise NotAllowed
    codes = make_recovery_codes(visit)
    await visit.people.replace_recovery_codes(visit.person.person_id, [recovery_hash(visit, each) for each in codes])
    return codes
