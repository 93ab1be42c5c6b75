"""Sessions of the console's people: as customers', but shorter, and over as soon as the person is disabled."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import kwargs_row

from domain.ids import Randomness
from projections.together import Together
from web.access.bearers import TOKEN, make_token, token_hash
from web.access.roles import Role
from web.services import Pool

IDLE = timedelta(minutes=30)
LASTS = timedelta(hours=10)
"""A working day: a person signs in once each."""

FRESH = timedelta(minutes=10)
SEEN_AGAIN = timedelta(minutes=1)
"""How exact `seen_at` is: a write a minute, not one a request."""


class PersonSession(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, where, and as what."""

    token_hash: bytes
    person_id: UUID
    utility: str
    name: str
    role: Role
    authenticated_at: datetime
    seen_at: datetime
    expires_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether it is neither over nor left idle for half an hour."""
        return now < self.expires_at and now < self.seen_at + IDLE

    def is_fresh(self, now: datetime) -> bool:
        """Whether a code was given within the last ten minutes."""
        return now < self.authenticated_at + FRESH


class PersonSessions:
    """Keeps them in the control schema. Those looked up at the same time share one query."""

    def __init__(self, pool: Pool, randomness: Randomness) -> None:
        self._pool = pool
        self._randomness = randomness
        self._lookup: Together[bytes, PersonSession] = Together(self._read)

    async def begin(self, person_id: UUID, password_hash: str, now: datetime) -> str | None:
        """This will open a session for somebody who gave password and code, and give its secret token.

        None where the password was changed, or the person disabled, in this very moment.
        """
        token = make_token(self._randomness)
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "INSERT INTO seed.person_sessions (token_hash, person_id, created_at, authenticated_at, seen_at, expires_at)"
                " SELECT %s, person_id, %s, %s, %s, %s FROM seed.people"
                " WHERE person_id = %s AND password_hash = %s AND disabled_at IS NULL FOR UPDATE",
                (token_hash(token), now, now, now, now + LASTS, person_id, password_hash),
            )
            return token if cursor.rowcount else None

    async def find(self, token: str, *, utility: str, now: datetime) -> PersonSession | None:
        """This will give the open session of a token; None for one that is unknown, over, idle, or another utility's."""
        if not TOKEN.fullmatch(token):
            return None
        session = await self._lookup.get(token_hash(token))
        if session is None or session.utility != utility or not session.is_open(now):
            return None
        if now - session.seen_at >= SEEN_AGAIN:
            await self._execute("UPDATE seed.person_sessions SET seen_at = %s WHERE token_hash = %s", now, session.token_hash)
        return session

    async def freshen(self, session: PersonSession, now: datetime) -> None:
        """This will write down that a code was given again."""
        await self._execute(
            "UPDATE seed.person_sessions SET authenticated_at = %s WHERE token_hash = %s", now, session.token_hash
        )

    async def end(self, session: PersonSession) -> None:
        """This will end a session."""
        await self._execute("DELETE FROM seed.person_sessions WHERE token_hash = %s", session.token_hash)

    async def forget_old(self, now: datetime) -> None:
        """This will remove sessions that are over."""
        await self._execute("DELETE FROM seed.person_sessions WHERE expires_at <= %s OR seen_at <= %s", now, now - IDLE)

    async def _execute(self, statement: str, *parameters: Any) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(statement, parameters)

    async def _read(self, hashes: list[bytes]) -> dict[bytes, PersonSession]:
        async with self._pool.connection() as connection, connection.cursor(row_factory=kwargs_row(_session)) as cursor:
            await cursor.execute(
                "SELECT token_hash, person_id, utility, name, role, authenticated_at, seen_at, expires_at"
                " FROM seed.person_sessions JOIN seed.people USING (person_id)"
                " WHERE token_hash = ANY(%s::bytea[]) AND disabled_at IS NULL",
                (hashes,),
            )
            return {session.token_hash: session for session in await cursor.fetchall()}


def _session(role: str, **columns: Any) -> PersonSession:
    return PersonSession(role=Role(role), **columns)
