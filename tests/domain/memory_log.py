"""An event log in memory: what the domain's tests stand on. The contract tests hold it and the real one together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from eventsourcing.persistence import IntegrityError

from domain import records
from domain.event import FORGOTTEN, Event
from domain.log import Position
from domain.records import NumberAlreadyTaken, NumberFound, Record


class MemoryLog:
    """Keeps everything in dictionaries; all or nothing, like the real one."""

    def __init__(self) -> None:
        self.streams: dict[UUID, list[Event]] = {}
        self.all: list[Event] = []
        self.numbers: dict[tuple[str, str], NumberFound] = {}
        self.former: dict[tuple[str, str], set[UUID]] = {}
        self.secrets: dict[UUID, str] = {}
        self.held: dict[UUID, records.SecretHeld] = {}
        self.cursors: dict[str, str] = {}
        self.versions: dict[UUID, int] = {}
        self.answers: dict[tuple[str, str], records.Answered] = {}

    async def load(self, originator_id: UUID, *, after: int = 0) -> Sequence[Event]:
        return self.streams.get(originator_id, [])[after:]

    async def append(self, events: Sequence[Event], beside: Sequence[Record] = ()) -> Position:
        self._check(events, beside)
        for event in events:
            self.streams.setdefault(event.originator_id, []).append(event)
            self.all.append(event)
        for record in beside:
            self._keep(record)
        return len(self.all) if events else 0

    async def find_number(self, kind: str, number: str) -> NumberFound | None:
        return self.numbers.get((kind, number))

    async def decoy_account(self, number: str) -> UUID | None:
        return min((found.account_id for (kind, _), found in self.numbers.items() if kind == "account"), default=None)

    async def find_former(self, kind: str, number: str) -> Sequence[UUID]:
        return sorted(self.former.get((kind, number), ()))

    async def secret(self, secret_id: UUID) -> str | None:
        return self.secrets.get(secret_id)

    async def feed_cursor(self, feed: str) -> str | None:
        return self.cursors.get(feed)

    async def credential_version(self, account_id: UUID) -> int:
        return self.versions.get(account_id, 0)

    async def forget(self, account_id: UUID) -> None:
        for place, event in enumerate(self.all):
            if event.account_id == account_id and event.PERSONAL:
                self.all[place] = msgspec.structs.replace(event, **dict.fromkeys(event.PERSONAL, FORGOTTEN))
        for stream in self.streams.values():
            stream[:] = [e for e in self.all if e.originator_id == stream[0].originator_id]

    async def sweep(self, now: datetime) -> None:
        for held in [held for held in self.held.values() if held.expires_at is not None and held.expires_at <= now]:
            self._keep(records.SecretDestroyed(secret_id=held.secret_id))

    def _check(self, events: Sequence[Event], beside: Sequence[Record]) -> None:
        next_version: dict[UUID, int] = {}
        for event in events:
            expected = next_version.get(event.originator_id, len(self.streams.get(event.originator_id, []))) + 1
            if event.originator_version != expected:
                raise IntegrityError(f"version {event.originator_version} is taken or leaves a gap")
            next_version[event.originator_id] = expected
        released = {(r.kind, r.number) for r in beside if isinstance(r, records.NumberReleased)}
        for record in beside:
            if isinstance(record, records.NumberAssigned) and (record.kind, record.number) in self.numbers.keys() - released:
                raise NumberAlreadyTaken

    def _keep(self, record: Record) -> None:
        match record:
            case records.NumberAssigned():
                self.numbers[record.kind, record.number] = NumberFound(account_id=record.account_id, meter_id=record.meter_id)
            case records.NumberReleased():
                released = self.numbers.pop((record.kind, record.number), None)
                if released is not None:
                    self.former.setdefault((record.kind, record.number), set()).add(released.account_id)
            case records.CredentialVersionSet():
                self.versions[record.account_id] = max(record.version, self.versions.get(record.account_id, 0))
            case records.SecretHeld():
                self.secrets[record.secret_id] = record.secret
                self.held[record.secret_id] = record
            case records.SecretDestroyed():
                self.secrets.pop(record.secret_id, None)
                self.held.pop(record.secret_id, None)
            case records.FeedAdvanced():
                self.cursors[record.feed] = record.cursor
            case records.Answered():
                self.answers[record.scope, record.key] = record
            case records.AccountKeyCreated():
                pass
            case _:
                raise TypeError(f"nobody said how to keep a {type(record).__name__}")
