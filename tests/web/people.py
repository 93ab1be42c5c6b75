"""People of a console, for tests: let in with a password and a phone of their own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
from falcon.testing import Result

from tests.web.scene import Scene
from tests.web.visitor import Visitor
from web.access import totp
from web.access.people import People
from web.access.roles import Role

PASSWORD = "a lamp that burns all night"


@dataclass
class Somebody:
    """One person, with what they know and have."""

    scene: Scene
    name: str
    role: Role
    secret: str
    recovery_codes: tuple[str, ...] = ()
    password: str = PASSWORD

    def code(self, steps: int = 0) -> str:
        """What the phone shows now, or so many steps of 30 s later."""
        return pyotp.TOTP(self.secret).at(self.scene.now + timedelta(seconds=30 * steps))

    async def sign_in(self, visitor: Visitor, **changes: str) -> Result:
        """This will send the form of the sign-in."""
        return await visitor.send(
            "/console/sign-in", **{"name": self.name, "password": self.password, "code": self.code()} | changes
        )


async def invited(scene: Scene, role: Role = Role.STAFF, *, name: str = "ann", utility: str = "test") -> str:
    """This will give the link's secret with which a new person comes in."""
    people = People(scene.utility.pool, os.urandom)
    return await people.add(utility, scene.utility.secrets, name=name, role=role, now=scene.now)


async def let_in(scene: Scene, role: Role = Role.STAFF, *, name: str = "ann", utility: str = "test") -> Somebody:
    """This will let a new person in, whose phone was set up an hour ago."""
    people = People(scene.utility.pool, os.urandom)
    token = await invited(scene, role, name=name, utility=utility)
    person = await people.invited(utility, token, scene.now)
    assert person is not None
    past = int((scene.now - timedelta(hours=1)).timestamp()) // totp.STEP
    hashed = await scene.utility.portal.passwords.slow_hash(PASSWORD)
    assert await people.enrol(token, password_hash=hashed, step=past, recovery_hashes=[])
    secret = totp.unseal(scene.utility.secrets, person.person_id, person.totp_sealed)
    return Somebody(scene, name, role, secret)


async def at_the_console(scene: Scene, role: Role = Role.STAFF, *, visitor: Visitor | None = None, **options: Any) -> Visitor:
    """This will give a browser in which a new person of that role is signed in."""
    visitor = visitor or Visitor(scene)
    reply = await (await let_in(scene, role, **options)).sign_in(visitor)
    assert visitor.path == "/console" and reply.status_code == 200, reply.text
    return visitor
