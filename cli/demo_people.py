"""The demo's people: one of each role in each utility, let in without a phone, so that anybody can look at the console."""

from __future__ import annotations

import os
from datetime import timedelta

from cli.deployment import Deployment, Utility
from cli.workers import now
from domain.passwords import make_password
from web.access import totp
from web.access.people import People
from web.access.roles import Role

NAMES = {"ann": Role.STAFF, "amos": Role.AUDITOR, "ada": Role.ANALYST, "omar": Role.OPERATOR}


async def let_in(deployment: Deployment, utility: Utility) -> list[dict[str, str]]:
    """This will let everybody in, and give their names, passwords, and the secrets their codes are made with."""
    return [await _let_in(deployment, utility, name, role) for name, role in NAMES.items()]


async def _let_in(deployment: Deployment, utility: Utility, name: str, role: Role) -> dict[str, str]:
    people = People(deployment.pool, os.urandom)
    known = await people.named(utility.code, name)
    if known is None:
        token = await people.add(utility.code, utility.secrets, name=name, role=role, now=now())
    else:  # demo.json was lost
        token = await people.invite_again(utility.secrets, known, now())
    person = await people.invited(utility.code, token, now())
    if person is None:
        raise LookupError(name)
    password = make_password(os.urandom)
    hashed = await utility.portal.passwords.slow_hash(password)
    # As of an hour ago, so that the present code is still to be used.
    past = int((now() - timedelta(hours=1)).timestamp()) // totp.STEP
    await people.enrol(token, password_hash=hashed, step=past, recovery_hashes=[])
    secret = totp.unseal(utility.secrets, person.person_id, person.totp_sealed)
    return {"name": name, "role": role.value, "password": password, "totp_secret": secret}
