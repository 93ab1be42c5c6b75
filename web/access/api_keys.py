"""API keys of staff, auditors, analysts and operators: shown once, kept as a hash."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.rows import tuple_row

from domain.ids import Randomness
from projections.together import Together
from web.access.bearers import TOKEN, make_token, token_hash
from web.access.roles import Role
from web.services import Pool

EVERY_UTILITY = "*"
KEY = re.compile(f"seed_{TOKEN.pattern}")
"""The prefix lets scanners of source code recognise a key that was left lying about."""

HOLDERS = frozenset({Role.STAFF, Role.AUDITOR, Role.ANALYST, Role.OPERATOR})


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """Whose key it is, and where it opens: `utility` is a code, or `*` for every one."""

    key_hash: bytes
    utility: str
    role: Role
    name: str
    revoked_at: datetime | None

    def opens(self, utility: str) -> bool:
        """Whether it opens that utility."""
        return self.utility in (utility, EVERY_UTILITY)


class KeptKey(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a key: everything but the key."""

    name: str
    role: Role
    utility: str
    created_at: datetime
    revoked_at: datetime | None


def create_api_key(
    connection: psycopg.Connection[Any], randomness: Randomness, *, utility: str, role: Role, name: str, now: datetime
) -> str:
    """This will make a key and give its plaintext, which is kept nowhere. Raises ValueError for a customer or visitor."""
    if role not in HOLDERS:
        raise ValueError(f"a {role} has no API key")
    key = f"seed_{make_token(randomness)}"
    connection.execute(
        "INSERT INTO seed.api_keys (key_hash, utility, role, name, created_at) VALUES (%s, %s, %s, %s, %s)",
        (token_hash(key), utility, role.value, name, now),
    )
    return key


def list_api_keys(connection: psycopg.Connection[Any]) -> list[KeptKey]:
    """This will give every key there is or was, by name."""
    rows = connection.execute(
        "SELECT name, role, utility, created_at, revoked_at FROM seed.api_keys ORDER BY name, created_at"
    ).fetchall()
    return [
        KeptKey(name=name, role=Role(role), utility=utility, created_at=created_at, revoked_at=revoked_at)
        for name, role, utility, created_at, revoked_at in rows
    ]


def revoke_api_key(connection: psycopg.Connection[Any], *, name: str, utility: str | None, now: datetime) -> int:
    """This will revoke the keys of that name, of one utility or all, and give their number."""
    return connection.execute(
        "UPDATE seed.api_keys SET revoked_at = %s WHERE name = %s AND revoked_at IS NULL AND (%s::text IS NULL OR utility = %s)",
        (now, name, utility, utility),
    ).rowcount


class ApiKeys:
    """Finds the key that a request carries."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._lookup: Together[bytes, ApiKey] = Together(self._read)

    async def find(self, key: str) -> ApiKey | None:
        """This will give the key's holder; None for one that is unknown or revoked."""
        found = await self._lookup.get(token_hash(key)) if KEY.fullmatch(key) else None
        return found if found is not None and found.revoked_at is None else None

    async def _read(self, hashes: list[bytes]) -> dict[bytes, ApiKey]:
        async with self._pool.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(
                "SELECT key_hash, utility, role, name, revoked_at FROM seed.api_keys WHERE key_hash = ANY(%s::bytea[])",
                (hashes,),
            )
            rows = await cursor.fetchall()
        return {
            key_hash: ApiKey(key_hash=key_hash, utility=utility, role=Role(role), name=name, revoked_at=revoked_at)
            for key_hash, utility, role, name, revoked_at in rows
        }
