"""The event log of one utility, as the commands see it: load, append, and look up what is kept beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg.types.numeric import Int8

from domain.event import Event
from domain.idempotency import Claim, Claimed
from domain.ids import Randomness
from domain.records import AccountKeyCreated, Answered, Record
from eventlog import codec
from eventlog.changes import Changes
from eventlog.idempotency import Idempotency
from eventlog.keys import AccountForgotten, Keys
from eventlog.lookups import Lookups
from eventlog.operations import KeyAlreadyMade
from eventlog.pool import Pool
from eventlog.reader import Reader
from eventlog.sealing import Sealer
from eventlog.secrets import UtilitySecrets
from eventlog.transaction import Change, EventRow
from eventlog.writer import Writer

DECODED_AT_ONCE = 100
"""Events; then whoever else shares the event loop has a turn. It is half a millisecond."""

SEALINGS = 3
"""Tries to agree with other commands on an account's new key; the second finds it made."""


class EventLog(Lookups):
    """Implements `domain.log.Log`."""

    def __init__(
        self,
        pool: Pool,
        schema: str,
        secrets: UtilitySecrets,
        keys: Keys,
        writer: Writer,
        idempotency: Idempotency,
        randomness: Randomness,
    ) -> None:
        super().__init__(pool, schema, secrets, Changes(secrets, randomness))
        self.schema = schema
        self.keys = keys
        self.idempotency = idempotency
        self._randomness = randomness
        self._writer = writer
        self._reader = Reader(pool, schema)

    async def load(self, originator_id: UUID, *, after: int = 0) -> Sequence[Event]:
        """This will give an aggregate's events past version `after`, oldest first."""
        return await self.decode(await self._reader.load(originator_id, after))

    async def decode(self, rows: Sequence[tuple[str, bytes]]) -> list[Event]:
        """This will give the events of stored (topic, payload) rows, with the keys they need fetched at once."""
        personal = codec.personal({topic for topic, _ in rows})
        owners = {codec.owner(state) for topic, state in rows if topic in personal}
        keys = await self.keys.of(owners)
        events: list[Event] = []
        for start in range(0, len(rows), DECODED_AT_ONCE):
            if start:
                await asyncio.sleep(0)  # a long history keeps nobody waiting
            events += [codec.decode(topic, state, keys) for topic, state in rows[start : start + DECODED_AT_ONCE]]
        return events

    async def append(self, events: Sequence[Event], records: Sequence[Record] = ()) -> int:
        """This will keep events and records in one transaction, all or nothing, and give the last event's position.

        Raises eventsourcing's IntegrityError where a version is taken, NumberAlreadyTaken where a number is,
        AccountForgotten for something personal of an account whose key is destroyed, and what the writer raises.
        """
        for left in reversed(range(SEALINGS)):
            sealers, changes = await self._sealers(events, records)
            rows = [self._row(event, sealers) for event in events]
            changes.extend(self._change(record, bool(events)) for record in records if type(record) is not AccountKeyCreated)
            try:
                position = await self._writer.append(rows, changes)
            except KeyAlreadyMade:
                if not left:
                    raise
                continue
            for record in records:
                if type(record) is Answered:
                    self.idempotency.answered(record)
            return position
        raise AssertionError("the last try returns or raises")

    async def forget(self, account_id: UUID) -> None:
        """This will destroy the account's key: within a minute nobody can read what is sealed under it."""
        await self.keys.destroy(account_id)

    async def claim(self, scope: str, key: str, body_hash: bytes, now: datetime) -> Claim:
        """This will claim a command under its Idempotency-Key, or say why it cannot be claimed."""
        return await self.idempotency.claim(scope, key, body_hash, now)

    async def release(self, claim: Claimed) -> None:
        """This will give up a claim whose command was not done."""
        await self.idempotency.release(claim)

    async def _sealers(self, events: Sequence[Event], records: Sequence[Record]) -> tuple[dict[UUID, Sealer], list[Change]]:
        """This will give the keys that the events are sealed under, and the rows of those that are new."""
        owners = {event.account_id for event in events if event.PERSONAL and event.account_id}
        owners.update(record.account_id for record in records if type(record) is AccountKeyCreated)
        if not owners:
            return {}, []
        sealers: dict[UUID, Sealer] = {}
        changes: list[Change] = []
        known = await self.keys.get(owners)
        for account_id in owners:
            if account_id in known:
                key = known[account_id]
            else:
                key, change = self.keys.make(account_id)
                if self.keys.elsewhere:
                    key = await self.keys.made_elsewhere(change)
                else:
                    changes.append(change)
            if key is None:
                raise AccountForgotten(str(account_id))
            sealers[account_id] = key
        return sealers, changes

    def _row(self, event: Event, sealers: dict[UUID, Sealer]) -> EventRow:
        sealer = sealers.get(event.account_id) if event.PERSONAL and event.account_id else None
        state = codec.encode(event, sealer, self._randomness)
        return EventRow(event.originator_id, Int8(event.originator_version), event.TOPIC, state)

    def _change(self, record: Record, with_events: bool) -> Change:
        if isinstance(record, Answered):
            return self.idempotency.answer(record, with_events=with_events)
        return self._changes.of(record)


def open_log(
    pool: Pool,
    schema: str,
    secrets: UtilitySecrets,
    randomness: Randomness,
    *,
    key_pool: Pool | None = None,
    claim_pool: Pool | None = None,
) -> EventLog:
    """This will give the log of one utility. `key_pool` leads to the database of the accounts' keys, where that is another;
    commits of `claim_pool` need not wait for the disk (see `eventlog.idempotency`).
    """
    keys = Keys(key_pool or pool, schema, secrets, randomness, elsewhere=key_pool is not None)
    idempotency = Idempotency(claim_pool or pool, schema, secrets, randomness)
    return EventLog(pool, schema, secrets, keys, Writer(pool, schema), idempotency, randomness)
