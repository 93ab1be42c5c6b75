"""given / when / then for aggregates: what has happened, what is asked, and what it makes happen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

import pytest

from domain.aggregate import Aggregate
from domain.commands.forgetting import Begun
from domain.event import Context, Event

A = TypeVar("A", bound=Aggregate)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOME_ID = UUID("01900000-0000-7000-8000-000000000001")
CORRELATION = UUID("01900000-0000-7000-8000-0000000000cc")


def context(at: datetime = NOON, by: str = "customer") -> Context:
    """A context for one command of a test."""
    return Context(at=at, by=by, correlation_id=CORRELATION)


async def nothing_begun() -> Begun:
    """No purchase and no card of the account's is under way."""
    return Begun()


class Scenario(Generic[A]):
    """`Scenario(Wallet).given(...).when(...).then(...)`; each step is a plain call."""

    def __init__(self, aggregate_class: type[A], id: UUID = SOME_ID) -> None:
        self.aggregate = aggregate_class(id)
        self.history: list[Event] = []
        self.raised: Exception | None = None

    def given(self, *commands: Callable[[A], Any]) -> Self:
        """What was done before: commands whose events count as history."""
        for command in commands:
            command(self.aggregate)
        self.history += self.aggregate.collect_events()
        self.aggregate = type(self.aggregate).fold(self.aggregate.id, self.history)
        return self

    def when(self, command: Callable[[A], Any]) -> Self:
        """What is asked now."""
        try:
            command(self.aggregate)
        except Exception as error:
            self.raised = error
        return self

    def then(self, *expected: tuple[type[Event], dict[str, Any]] | type[Event]) -> Self:
        """Exactly these events; of each the named fields are compared."""
        if self.raised is not None:
            raise self.raised
        happened = self.aggregate.collect_events()
        wanted = [(each, {}) if isinstance(each, type) else each for each in expected]
        assert [type(event) for event in happened] == [event_class for event_class, _ in wanted]
        for event, (_, fields) in zip(happened, wanted, strict=True):
            assert {name: getattr(event, name) for name in fields} == fields
        return self

    def then_nothing(self) -> Self:
        """No event, and no refusal."""
        return self.then()

    def then_refused(self, refusal: type[Exception]) -> Self:
        """This refusal, and no event."""
        if not isinstance(self.raised, refusal):
            pytest.fail(f"expected {refusal.__name__}, got {self.raised!r}")
        assert self.aggregate.collect_events() == []
        return self
