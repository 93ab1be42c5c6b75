"""The event log of a simulated system: one store that all processes share, and a way to it for each, on which things go wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from domain import records
from domain.event import Event
from domain.idempotency import AlreadyAnswered, Claim, Claimed, ClaimLost, InProgress, OtherBody
from domain.log import Position
from domain.records import NumberFound, Record
from eventlog.line import LogUnavailable, OutcomeUnknown
from eventlog.operations import LEASE
from tests.domain.memory_log import MemoryLog
from tests.simulation.world import Bell, Life

Place = tuple[str, str]
"""A scope and a key."""


class Held(msgspec.Struct):
    """A key of somebody's command: claimed, and answered in the end."""

    claimant: UUID
    body_hash: bytes
    claimed_at: datetime
    answer: records.Answered | None = None
    position: Position = 0


class Store(MemoryLog):
    """What is on the disk. `watch` sees each transaction once it is committed."""

    def __init__(self, bell: Bell, watch: Callable[[Sequence[Event]], None]) -> None:
        super().__init__()
        self.bell = bell
        self.watch = watch
        self.keys: dict[Place, Held] = {}

    def commit(self, events: Sequence[Event], beside: Sequence[Record], claims: dict[UUID, Held]) -> Position:
        """This will keep all or nothing, and give the last event's position."""
        answers = [record for record in beside if isinstance(record, records.Answered)]
        for answer in answers:
            known = self.keys.get((answer.scope, answer.key))
            if known is not None and known.claimant != answer.claimant:
                raise ClaimLost
        self._check(events, beside)
        for event in events:
            self.streams.setdefault(event.originator_id, []).append(event)
            self.all.append(event)
        for record in beside:
            if not isinstance(record, records.Answered):
                self._keep(record)
        position = len(self.all) if events else 0
        for answer in answers:
            held = claims[answer.claimant]
            self.keys[answer.scope, answer.key] = Held(held.claimant, held.body_hash, held.claimed_at, answer, position)
        self.watch(events)
        self.bell.ring()
        return position


class LogOfLife:
    """The log as one process reaches it. Satisfies the ports of the log and of its answers."""

    def __init__(self, store: Store, life: Life) -> None:
        self.store = store
        self.life = life
        self.claims: dict[UUID, Held] = {}

    @property
    def idempotency(self) -> LogOfLife:
        return self

    # Domain's port

    async def load(self, originator_id: UUID, *, after: int = 0) -> Sequence[Event]:
        await self.life.check()
        return self.store.streams.get(originator_id, ())[after:]

    async def append(self, events: Sequence[Event], beside: Sequence[Record] = ()) -> Position:
        await self.life.step()
        strike = self.life.world.faults.strike
        if strike("log-unavailable"):
            raise LogUnavailable
        if strike("crash-before-commit"):
            await self.life.die()
        position = self.store.commit(events, beside, self.claims)
        if strike("crash-after-commit"):
            await self.life.die()
        if strike("commit-unknown"):
            raise OutcomeUnknown
        for record in beside:
            if isinstance(record, records.Answered):
                self.claims.pop(record.claimant, None)
        await self.life.check()
        return position

    async def find_number(self, kind: str, number: str) -> NumberFound | None:
        await self.life.check()
        return await self.store.find_number(kind, number)

    async def decoy_account(self, number: str) -> UUID | None:
        return await self.store.decoy_account(number)

    async def find_former(self, kind: str, number: str) -> Sequence[UUID]:
        return await self.store.find_former(kind, number)

    async def secret(self, secret_id: UUID) -> str | None:
        await self.life.check()
        return await self.store.secret(secret_id)

    async def feed_cursor(self, feed: str) -> str | None:
        return await self.store.feed_cursor(feed)

    async def credential_version(self, account_id: UUID) -> int:
        return await self.store.credential_version(account_id)

    async def forget(self, account_id: UUID) -> None:
        await self.store.forget(account_id)

    async def sweep(self, now: datetime) -> None:
        await self.store.sweep(now)

    # The port of answers

    async def claim(self, scope: str, key: str, body_hash: bytes, now: datetime) -> Claim:
        await self.life.step()
        known = self.store.keys.get((scope, key))
        if known is not None and known.body_hash != body_hash:
            return OtherBody()
        if known is not None and known.answer is not None:
            return AlreadyAnswered(known.answer.status, known.answer.body, known.position)
        if known is not None and now - known.claimed_at <= timedelta(seconds=LEASE):
            return InProgress()
        held = Held(self.life.world.new_uuid(), body_hash, now)
        self.store.keys[scope, key] = self.claims[held.claimant] = held
        return Claimed(scope, key, held.claimant)

    async def wait(self, scope: str, key: str, body_hash: bytes, seconds: float = 5.0) -> Claim | None:
        deadline = self.life.world.loop.time() + seconds
        while True:
            known = self.store.keys.get((scope, key))
            if known is None:
                return None
            if known.answer is not None:
                return AlreadyAnswered(known.answer.status, known.answer.body, known.position)
            if (left := deadline - self.life.world.loop.time()) <= 0:
                return InProgress()
            await self.store.bell.wait(left)
            await self.life.check()

    async def release(self, claim: Claimed) -> None:
        await self.life.check()
        self.claims.pop(claim.claimant, None)
        held = self.store.keys.get((claim.scope, claim.key))
        if held is not None and held.claimant == claim.claimant and held.answer is None:
            del self.store.keys[claim.scope, claim.key]
