"""How every command goes: load, act, save; and again from the start where somebody else was faster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from domain.aggregate import Aggregate, Refusal
from domain.event import Context
from domain.ids import NaturalId, Randomness, uuid7
from domain.kept import Kept
from domain.log import Log, Position
from domain.passwords import Passwords
from domain.records import Record

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")

TRIES = 12


class TooManyAtOnce(Refusal):
    """Others kept changing the same thing; nothing was recorded, and the command may be given again."""


class Commands:
    """What all commands stand on. Everything that is not pure is passed in."""

    event_log: Log
    kept: Kept
    natural_id: NaturalId
    passwords: Passwords
    randomness: Randomness

    def new_id(self, context: Context) -> UUID:
        """This will make a time-ordered id."""
        return uuid7(context.at, self.randomness)

    async def load(self, aggregate_class: type[A], id: UUID) -> A:
        """This will give an aggregate as the log says it is now, to decide with; one that does not exist has version 0."""
        aggregate = self.kept.take(aggregate_class, id)
        aggregate.replay(await self.event_log.load(id, after=aggregate.version))
        return aggregate

    async def look_at(self, aggregate_class: type[A], id: UUID) -> A:
        """This will give an aggregate as the log says it is now, to be looked at only."""
        aggregate = await self.load(aggregate_class, id)
        self.kept.put(aggregate)
        return aggregate

    async def save(self, *aggregates: Aggregate, records: Sequence[Record] = ()) -> Position:
        """This will keep what the aggregates recorded, and the records beside it, in one transaction."""
        events = [event for aggregate in aggregates for event in aggregate.collect_events()]
        position = await self.event_log.append(events, records) if events or records else 0
        for aggregate in aggregates:
            self.kept.put(aggregate)
        return position

    async def attempt(self, command: Callable[[], Awaitable[T]]) -> T:
        """This will run load, act and save again where a version was taken meanwhile.

        Raises TooManyAtOnce after twelve tries.
        """
        for _ in range(TRIES):
            try:
                return await command()
            except IntegrityError:
                continue
        raise TooManyAtOnce
