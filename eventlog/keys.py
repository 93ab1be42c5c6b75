"""The accounts' data keys: wrapped in a table that may be in another database, unwrapped in memory for at most a minute."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from domain.ids import Randomness
from eventlog.codec import Key
from eventlog.operations import MAKE_KEY
from eventlog.pool import Pool, read, write
from eventlog.sealing import SealBroken, Sealer
from eventlog.secrets import LENGTH, UtilitySecrets
from eventlog.transaction import Change

KEPT = 60.0
"""Seconds a key stays in memory: so long after its destruction at most is it still used."""
MOST_KEPT = 50_000


class AccountForgotten(Exception):
    """The account's key is destroyed: nothing personal can be recorded of it any more."""


class AccountKeyMissing(Exception):
    """The log holds personal data of an account whose key was never seen here: the key store is not the log's own."""


class WrongMasterKey(Exception):
    """The accounts' keys were wrapped under another master key than the one given."""


class Keys:
    """The data keys of one utility's accounts. `elsewhere`: the pool leads to another database than the log's."""

    def __init__(
        self,
        pool: Pool,
        schema: str,
        secrets: UtilitySecrets,
        randomness: Randomness,
        *,
        elsewhere: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._table = Identifier(schema, "account_keys")
        self._wrapper = Wrapper(secrets)
        self._randomness = randomness
        self._monotonic = monotonic
        self._kept: dict[UUID, tuple[float, Key]] = {}
        self.elsewhere = elsewhere

    async def get(self, account_ids: Collection[UUID]) -> dict[UUID, Key]:
        """This will give the accounts' keys, None for a destroyed one; an account that never had one is left out.

        Raises WrongMasterKey.
        """
        oldest = self._monotonic() - KEPT
        found: dict[UUID, Key] = {}
        for account_id in account_ids:
            kept = self._kept.get(account_id)
            if kept is not None and kept[0] > oldest:
                found[account_id] = kept[1]
        missing = [account_id for account_id in account_ids if account_id not in found]
        if missing:
            found.update(await self._fetch(missing))
        return found

    async def of(self, account_ids: Collection[UUID]) -> dict[UUID, Key]:
        """This will give the keys with which the log's payloads open. Raises AccountKeyMissing, WrongMasterKey."""
        keys = await self.get(account_ids) if account_ids else {}
        for account_id in account_ids:
            if account_id not in keys:
                raise AccountKeyMissing(str(account_id))
        return keys

    def make(self, account_id: UUID) -> tuple[Sealer, Change]:
        """This will make a new key, and the row that keeps it once it is written."""
        key = self._randomness(LENGTH)
        wrapped = self._wrapper.wrap(account_id, key, self._randomness)
        return Sealer(key), Change(MAKE_KEY, account_id, (account_id, wrapped, self._wrapper.mark))

    async def made_elsewhere(self, change: Change) -> Key:
        """This will write a new key's row at once, where the keys have a database of their own, and give the key that holds."""
        insert = SQL(
            "INSERT INTO {} (account_id, wrapped, wrapped_under) VALUES (%s, %s, %s) ON CONFLICT (account_id) DO NOTHING"
        ).format(self._table)
        await write(self._pool, lambda connection: connection.execute(insert, change.values))
        return (await self._fetch([change.key]))[change.key]

    def drop(self, account_id: UUID) -> None:
        """This will forget what is kept in memory of an account's key."""
        self._kept.pop(account_id, None)

    async def destroy(self, account_id: UUID) -> None:
        """This will destroy an account's key: after a minute nobody can read the person's data in the log.

        What PostgreSQL still holds of the row goes with the vacuum that follows. An account without a key gets a
        destroyed one, so that none can be made later.
        """
        statement = SQL(
            "INSERT INTO {} AS known (account_id, wrapped, wrapped_under, destroyed_at) VALUES (%s, NULL, %s, now())"
            " ON CONFLICT (account_id) DO UPDATE SET wrapped = NULL, destroyed_at = now() WHERE known.wrapped IS NOT NULL"
        ).format(self._table)

        async def destroy(connection: AsyncConnection) -> None:
            await connection.execute(statement, [account_id, self._wrapper.mark])
            self.drop(account_id)
            await connection.execute(SQL("VACUUM {}").format(self._table))

        await write(self._pool, destroy)

    async def _fetch(self, account_ids: Collection[UUID]) -> dict[UUID, Key]:
        select = SQL("SELECT account_id, wrapped, wrapped_under FROM {} WHERE account_id = ANY(%b)").format(self._table)
        asked_at = self._monotonic()

        async def ask(connection: AsyncConnection) -> list[Any]:
            return await (await connection.execute(select, [list(account_ids)], binary=True)).fetchall()

        rows = await read(self._pool, ask)
        found = {row[0]: self._wrapper.unwrap(*row) for row in rows}
        if len(self._kept) + len(found) > MOST_KEPT:
            self._kept.clear()
        self._kept.update((account_id, (asked_at, key)) for account_id, key in found.items())
        return found


class Wrapper:
    """Wraps data keys under the utility's wrapping key; `mark` tells one wrapping key from another."""

    def __init__(self, secrets: UtilitySecrets) -> None:
        key = secrets.key("wrap-account-keys")
        self._sealer = Sealer(key)
        self.mark = hashlib.sha256(b"mark of " + key).digest()[:8]

    def wrap(self, account_id: UUID, key: bytes, randomness: Randomness) -> bytes:
        """This will wrap a data key, bound to its account."""
        return self._sealer.seal(key, account_id.bytes, randomness)

    def unwrap(self, account_id: UUID, wrapped: bytes | None, under: bytes) -> Key:
        """This will give back the key, or None where it is destroyed. Raises WrongMasterKey."""
        if wrapped is None:
            return None
        if bytes(under) != self.mark:
            raise WrongMasterKey
        try:
            return Sealer(self._sealer.unseal(wrapped, account_id.bytes))
        except SealBroken:
            raise WrongMasterKey from None
