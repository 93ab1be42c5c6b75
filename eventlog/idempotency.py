"""Idempotency-Keys: a command given twice is done once, and both get the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.sql import SQL, Identifier

from domain.idempotency import AlreadyAnswered, Claim, Claimed, InProgress, OtherBody
from domain.ids import Randomness
from domain.records import Answered
from eventlog.operations import ANSWER, CLAIM
from eventlog.pool import Pool
from eventlog.sealing import Sealer
from eventlog.secrets import UtilitySecrets
from eventlog.together import Together
from eventlog.transaction import Change

LONGEST_WAIT = 5.0
"""Seconds that a repetition waits for the first one's answer."""
WAIT_STEP = 0.05


class NotClaimed(Exception):
    """An answer was recorded for a command that this process had not claimed."""


_Wanted = tuple[str, bytes, bytes, str, datetime, UUID]


class _Held(msgspec.Struct, frozen=True):
    key: bytes
    body_hash: bytes
    claimed_at: datetime


class Idempotency:
    """The claims and answers of one utility.

    A claim need not outlive a crash of PostgreSQL: whoever holds one that is gone answers all the same, unless somebody else has
    claimed the key since (`ClaimLost`). What was done is kept by its answer, in the transaction of its events.
    """

    def __init__(self, pool: Pool, schema: str, secrets: UtilitySecrets, randomness: Randomness) -> None:
        self._pool = pool
        self._table = Identifier(schema, "idempotency")
        self._secrets = secrets
        self._sealer = Sealer(secrets.key("seal-answers"))
        self._randomness = randomness
        self._schema = schema
        self._claims: Together[_Wanted, bool] = Together(pool, self._claim)
        self._held: dict[UUID, _Held] = {}

    async def claim(self, scope: str, key: str, body_hash: bytes, now: datetime) -> Claim:
        """This will claim the command, or say why it cannot be claimed. A claim must be answered or released."""
        claimant = UUID(bytes=self._randomness(16), version=4)
        hashed = self._hash(scope, key)
        wanted = (scope, hashed, body_hash, "claimed", now, claimant)
        while True:
            if await self._claims.ask(wanted):
                self._held[claimant] = _Held(hashed, body_hash, now)
                return Claimed(scope, key, claimant)
            known = await self.look(scope, key, body_hash)
            if known is not None:
                return known

    async def look(self, scope: str, key: str, body_hash: bytes) -> AlreadyAnswered | InProgress | OtherBody | None:
        """This will say what is known of the command; None where nobody has claimed it."""
        select = SQL("SELECT body_hash, state, status, answer, position FROM {} WHERE scope = %s AND key = %s")
        hashed = self._hash(scope, key)
        async with self._pool.connection() as connection:
            row = await (await connection.execute(select.format(self._table), [scope, hashed])).fetchone()
        if row is None:
            return None
        if row[0] != body_hash:
            return OtherBody()
        if row[1] == "claimed":
            return InProgress()
        return AlreadyAnswered(row[2], self._sealer.unseal(row[3], _place(scope, hashed)), row[4])

    async def wait(self, scope: str, key: str, body_hash: bytes, seconds: float = LONGEST_WAIT) -> Claim | None:
        """This will wait for the answer of one in progress; InProgress where that takes longer, None where it was released."""
        deadline = asyncio.get_running_loop().time() + seconds
        while isinstance(known := await self.look(scope, key, body_hash), InProgress):
            if asyncio.get_running_loop().time() >= deadline:
                break
            await asyncio.sleep(WAIT_STEP)
        return known

    async def release(self, claim: Claimed) -> None:
        """This will give up a claim whose command was not done; one that has its answer stays answered."""
        self._held.pop(claim.claimant, None)
        delete = SQL("DELETE FROM {} WHERE scope = %s AND key = %s AND claimant = %s AND state = 'claimed'")
        hashed = self._hash(claim.scope, claim.key)
        async with self._pool.connection() as connection:
            await connection.execute(delete.format(self._table), [claim.scope, hashed, claim.claimant])

    def answer(self, record: Answered, *, with_events: bool) -> Change:
        """This will give the row that completes a claim, in the transaction of the command's events. Raises NotClaimed."""
        held = self._held.get(record.claimant)
        if held is None:
            raise NotClaimed(record.scope)
        sealed = self._sealer.seal(record.body, _place(record.scope, held.key), self._randomness)
        values = (
            *(record.scope, held.key, held.body_hash, "answered", held.claimed_at, record.claimant),
            *(record.status, sealed, with_events),
        )
        return Change(ANSWER, (record.scope, held.key), values)

    def answered(self, record: Answered) -> None:
        """This will let go of a claim whose answer is written."""
        self._held.pop(record.claimant, None)

    async def _claim(self, connection: AsyncConnection, wanted: Sequence[_Wanted]) -> Sequence[bool]:
        """This will try to claim many at once; of those that want the same, the first."""
        firsts = {_place_of(row): row for row in reversed(wanted)}
        claimed: set[UUID] = set()
        rows = [firsts[place] for place in sorted(firsts)]
        for sql, values in CLAIM.statements(self._schema, rows):
            cursor = AsyncRawCursor(connection)
            await cursor.execute(sql, values, prepare=True)
            claimed.update(row[0] for row in await cursor.fetchall())
        return [row[-1] in claimed for row in wanted]

    def _hash(self, scope: str, key: str) -> bytes:
        return self._secrets.mac("idempotency-key", scope, key)


def _place_of(wanted: _Wanted) -> tuple[str, bytes]:
    return wanted[:2]


def _place(scope: str, hashed_key: bytes) -> bytes:
    return scope.encode() + b"|" + hashed_key
