"""Sessions: a secret of 256 bits with the client, its hash here. What a session may do ends with it, on the server too."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from domain.commands.identity import Login
from domain.ids import Randomness
from projections.together import Together
from web.access.bearers import TOKEN, make_token, token_hash
from web.services import Pool

IDLE = timedelta(hours=2)
LASTS = timedelta(hours=24)
FRESH = timedelta(minutes=10)
SEEN_AGAIN = timedelta(minutes=1)
"""How exact `seen_at` is: a write a minute, not one a request."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Who is logged in, to which utility, and on the strength of what."""

    token_hash: bytes
    utility: str
    account_id: UUID
    credential_version: int
    via_issue: UUID | None
    created_at: datetime
    authenticated_at: datetime
    seen_at: datetime
    expires_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether it is neither over nor left idle for two hours."""
        return now < self.expires_at and now < self.seen_at + IDLE

    def is_fresh(self, now: datetime) -> bool:
        """Whether the password was given within the last ten minutes."""
        return now < self.authenticated_at + FRESH


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session with its secret, which is given out once."""

    token: str
    session: Session

    def __repr__(self) -> str:
        return "NewSession(…)"


class Sessions:
    """Keeps sessions in the control schema. Those looked up at the same time share one query."""

    def __init__(self, pool: Pool, randomness: Randomness) -> None:
        self._pool = pool
        self._randomness = randomness
        self._lookup: Together[bytes, Session] = Together(self._read)

    async def begin(self, utility: str, login: Login, now: datetime, *, instead_of: Session | None = None) -> NewSession:
        """This will open a session for somebody who gave the right password, and end the one that it takes the place of."""
        token = make_token(self._randomness)
        session = Session(
            token_hash=token_hash(token),
            utility=utility,
            account_id=login.account_id,
            credential_version=login.credential_version,
            via_issue=login.via_issue,
            created_at=now,
            authenticated_at=now,
            seen_at=now,
            expires_at=now + LASTS,
        )
        columns, values = ", ".join(Session.__struct_fields__), ", ".join(["%s"] * len(Session.__struct_fields__))
        async with self._pool.connection() as connection, connection.transaction():
            if instead_of is not None:
                await connection.execute("DELETE FROM seed.sessions WHERE token_hash = %s", (instead_of.token_hash,))
            await connection.execute(
                f"INSERT INTO seed.sessions ({columns}) VALUES ({values})",  # noqa: S608 - our own names
                msgspec.structs.astuple(session),
            )
        return NewSession(token=token, session=session)

    async def find(self, token: str, *, utility: str, now: datetime) -> Session | None:
        """This will give the open session of a token; None for one that is unknown, over, idle, or another utility's."""
        if not TOKEN.fullmatch(token):
            return None
        session = await self._lookup.get(token_hash(token))
        if session is None or session.utility != utility or not session.is_open(now):
            return None
        if now - session.seen_at >= SEEN_AGAIN:
            await self._execute("UPDATE seed.sessions SET seen_at = %s WHERE token_hash = %s", now, session.token_hash)
        return session

    async def end(self, session: Session) -> None:
        """This will end a session."""
        await self._execute("DELETE FROM seed.sessions WHERE token_hash = %s", session.token_hash)

    async def forget_old(self, now: datetime) -> None:
        """This will remove sessions that are over."""
        await self._execute("DELETE FROM seed.sessions WHERE expires_at <= %s OR seen_at <= %s", now, now - IDLE)

    async def _execute(self, statement: str, *parameters: Any) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(statement, parameters)

    async def _read(self, hashes: list[bytes]) -> dict[bytes, Session]:
        columns = ", ".join(Session.__struct_fields__)
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Session)) as cursor:
            await cursor.execute(
                f"SELECT {columns} FROM seed.sessions WHERE token_hash = ANY(%s::bytea[])",  # noqa: S608 - our own names
                (hashes,),
            )
            return {session.token_hash: session for session in await cursor.fetchall()}
