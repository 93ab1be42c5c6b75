"""People: staff, auditors, analysts and operators of one utility each, who sign in to its console."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import kwargs_row

from domain.ids import Randomness, uuid7
from web.access import totp
from web.access.api_keys import HOLDERS
from web.access.bearers import TOKEN, make_token, token_hash
from web.access.person_sessions import PersonSessions
from web.access.roles import Role
from web.services import Pool, Secrets

NAME = re.compile(r"[a-z][a-z0-9._-]{0,30}")

INVITED_FOR = timedelta(hours=72)
"""How long the link lasts with which a person comes in for the first time."""


class NameTaken(Exception):
    """The utility has, or had, somebody of that name: events name them for ever."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One person, as the table has them."""

    person_id: UUID
    utility: str
    name: str
    role: Role
    password_hash: str | None
    totp_sealed: bytes
    totp_step: int
    enrolment_until: datetime | None
    created_at: datetime
    disabled_at: datetime | None

    def __repr__(self) -> str:
        return f"Person({self.role}:{self.name})"


COLUMNS = ", ".join(Person.__struct_fields__)


class People:
    """Keeps people in the control schema. `sessions` are theirs."""

    def __init__(self, pool: Pool, randomness: Randomness) -> None:
        self._pool = pool
        self._randomness = randomness
        self.sessions = PersonSessions(pool, randomness)

    async def add(self, utility: str, secrets: Secrets, *, name: str, role: Role, now: datetime) -> str:
        """This will enter a person, and give the secret of the link with which they come in.

        Raises ValueError for a name or role that nobody can have, and NameTaken.
        """
        if role not in HOLDERS:
            raise ValueError(f"a {role} does not sign in to the console")
        if not NAME.fullmatch(name):
            raise ValueError("a name is a small letter, then up to 30 of small letters, digits, dots, hyphens and underscores")
        person_id, token = uuid7(now, self._randomness), make_token(self._randomness)
        sealed = self._new_secret(secrets, person_id)
        values = (person_id, utility, name, role.value, sealed, token_hash(token), now + INVITED_FOR, now)
        done = await self._changed(
            "INSERT INTO seed.people (person_id, utility, name, role, totp_sealed, enrolment_hash, enrolment_until, created_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (utility, name) DO NOTHING",
            *values,
        )
        if not done:
            raise NameTaken(name)
        return token

    async def invite_again(self, secrets: Secrets, person: Person, now: datetime) -> str:
        """This will take password, phone, recovery codes and sessions from a person, and give a new link to come in with."""
        token, sealed = make_token(self._randomness), self._new_secret(secrets, person.person_id)
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(
                "UPDATE seed.people SET password_hash = NULL, totp_sealed = %s, totp_step = 0, enrolment_hash = %s,"
                " enrolment_until = %s, disabled_at = NULL WHERE person_id = %s",
                (sealed, token_hash(token), now + INVITED_FOR, person.person_id),
            )
            await connection.execute("DELETE FROM seed.recovery_codes WHERE person_id = %s", (person.person_id,))
            await _sign_out(connection, person.person_id)
        return token

    async def disable(self, person: Person, now: datetime) -> None:
        """This will let a person in no longer, and end their sessions and link; said twice it changes nothing."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(
                "UPDATE seed.people SET disabled_at = coalesce(disabled_at, %s), enrolment_hash = NULL, enrolment_until = NULL"
                " WHERE person_id = %s",
                (now, person.person_id),
            )
            await _sign_out(connection, person.person_id)

    async def all(self, utility: str) -> list[Person]:
        """This will give everybody of a utility, by name."""
        return await self._read("WHERE utility = %s ORDER BY name", utility)

    async def named(self, utility: str, name: str) -> Person | None:
        """This will give the person of that name."""
        found = await self._read("WHERE utility = %s AND name = %s", utility, name) if NAME.fullmatch(name) else []
        return found[0] if found else None

    async def by_id(self, person_id: UUID) -> Person | None:
        """This will give the person with that id."""
        found = await self._read("WHERE person_id = %s", person_id)
        return found[0] if found else None

    async def invited(self, utility: str, token: str, now: datetime) -> Person | None:
        """This will give the person whose link that is; None where it was used, has ended, or is another utility's."""
        if not TOKEN.fullmatch(token):
            return None
        found = await self._read("WHERE utility = %s AND enrolment_hash = %s", utility, token_hash(token))
        is_open = found and found[0].enrolment_until is not None and now < found[0].enrolment_until
        return found[0] if is_open else None

    async def enrol(self, token: str, *, password_hash: str, step: int, recovery_hashes: list[bytes]) -> bool:
        """This will give a person their password, phone and recovery codes, and use up the link; False where it was used."""
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "UPDATE seed.people SET password_hash = %s, totp_step = %s, enrolment_hash = NULL, enrolment_until = NULL"
                " WHERE enrolment_hash = %s RETURNING person_id",
                (password_hash, step, token_hash(token)),
            )
            row = await cursor.fetchone()
            if row is None:
                return False
            await self._put_recovery_codes(connection, row[0], recovery_hashes)
        return True

    async def change_password(self, person_id: UUID, password_hash: str) -> None:
        """This will give a person another password, and end their sessions."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("UPDATE seed.people SET password_hash = %s WHERE person_id = %s", (password_hash, person_id))
            await _sign_out(connection, person_id)

    async def rehash_password(self, person_id: UUID, former: str, password_hash: str) -> bool:
        """This will keep the same password under another hash; False where `former` is no longer the present one."""
        return await self._changed(
            "UPDATE seed.people SET password_hash = %s WHERE person_id = %s AND password_hash = %s",
            password_hash,
            person_id,
            former,
        )

    async def use_step(self, person_id: UUID, step: int) -> bool:
        """This will use up a code; False where it, or a later one, was used before."""
        return await self._changed(
            "UPDATE seed.people SET totp_step = %s WHERE person_id = %s AND totp_step < %s", step, person_id, step
        )

    async def use_recovery_code(self, person_id: UUID, code_hash: bytes) -> bool:
        """This will use up a recovery code; False where there is no such one any more."""
        return await self._changed(
            "DELETE FROM seed.recovery_codes WHERE person_id = %s AND code_hash = %s", person_id, code_hash
        )

    async def recovery_codes_left(self, person_id: UUID) -> int:
        """This will count the recovery codes that are left."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT count(*) FROM seed.recovery_codes WHERE person_id = %s", (person_id,))
            row = await cursor.fetchone()
        return int(row[0]) if row else 0

    async def replace_recovery_codes(self, person_id: UUID, hashes: list[bytes]) -> None:
        """This will have new recovery codes in the place of all former ones."""
        async with self._pool.connection() as connection, connection.transaction():
            await self._put_recovery_codes(connection, person_id, hashes)

    async def _put_recovery_codes(self, connection: AsyncConnection[Any], person_id: UUID, hashes: list[bytes]) -> None:
        await connection.execute("DELETE FROM seed.recovery_codes WHERE person_id = %s", (person_id,))
        await connection.execute(
            "INSERT INTO seed.recovery_codes (person_id, code_hash) SELECT %s, unnest(%s::bytea[])", (person_id, hashes)
        )

    async def _read(self, where: str, *parameters: Any) -> list[Person]:
        async with self._pool.connection() as connection, connection.cursor(row_factory=kwargs_row(_person)) as cursor:
            await cursor.execute(f"SELECT {COLUMNS} FROM seed.people {where}", parameters)  # noqa: S608 - our own names
            return await cursor.fetchall()

    async def _changed(self, statement: str, *parameters: Any) -> bool:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(statement, parameters)
            return cursor.rowcount > 0

    def _new_secret(self, secrets: Secrets, person_id: UUID) -> bytes:
        return totp.seal(secrets, person_id, totp.make_secret(self._randomness), self._randomness)


async def _sign_out(connection: AsyncConnection[Any], person_id: UUID) -> None:
    # After the person's row was changed, and so locked: whoever begins a session meanwhile waits, and finds the change.
    await connection.execute("DELETE FROM seed.person_sessions WHERE person_id = %s", (person_id,))


def _person(role: str, **columns: Any) -> Person:
    return Person(role=Role(role), **columns)
