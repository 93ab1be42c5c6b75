"""What the commands need of an event log: load, append, and look up what is kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.event import Event
from domain.records import NumberFound, Record

Position = int
"""Where an event stands in the whole log of its utility; grows, with gaps."""


class Log(Protocol):
    """The port through which commands reach the log of one utility."""

    async def load(self, originator_id: UUID, *, after: int = 0) -> Sequence[Event]:
        """This will give an aggregate's events past version `after`, oldest first."""
        ...

    async def append(self, events: Sequence[Event], records: Sequence[Record] = ()) -> Position:
        """This will keep events and records in one transaction, all or nothing, and give the last event's position.

        Raises eventsourcing's IntegrityError where a version is taken, NumberAlreadyTaken where a number is.
        Without events the position is 0.
        """
        ...

    async def find_number(self, kind: str, number: str) -> NumberFound | None:
        """This will say where an account or meter number leads."""
        ...

    async def decoy_account(self, number: str) -> UUID | None:
        """This will give some account, the same for a number each time, to be loaded where the number leads nowhere.

        None only where there is no account at all.
        """
        ...

    async def find_former(self, kind: str, number: str) -> Sequence[UUID]:
        """This will give the accounts that an account or meter number led to once."""
        ...

    async def secret(self, secret_id: UUID) -> str | None:
        """This will unseal a secret in transit; None once it was destroyed."""
        ...

    async def feed_cursor(self, feed: str) -> str | None:
        """This will say how far a feed of Juice is in the log."""
        ...

    async def credential_version(self, account_id: UUID) -> int:
        """This will give the version below which the account's sessions have ended; 0 for an unknown account."""
        ...

    async def forget(self, account_id: UUID) -> None:
        """This will destroy the account's key: what is sealed under it can no longer be read by anybody."""
        ...

    async def sweep(self, now: datetime) -> None:
        """This will remove secrets in transit that have expired."""
        ...
