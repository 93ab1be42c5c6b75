"""Decide, then evolve: the base of every aggregate.

A public method decides, and refuses by raising; it calls `record`, which makes the event and hands it to the one
method that evolves the aggregate for that class of event. Evolving never refuses: history stays loadable for ever,
however strict the rules become. (Why this and not the library's own `Aggregate`: docs/decisions.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from domain.event import Context, Event


class HandedOver(Exception):
    """A mistake in the code: another command may be deciding with this aggregate's state by now."""


Evolver = TypeVar("Evolver", bound=Callable[..., None])


class Refusal(Exception):
    """A command was refused, and nothing was recorded. Subclasses are sentences."""


def evolves(*event_classes: type[Event]) -> Callable[[Evolver], Evolver]:
    """This will mark the method that evolves the aggregate by events of these classes."""

    def mark(method: Evolver) -> Evolver:
        method.__dict__["evolves"] = event_classes
        return method

    return mark


class Evolvers(dict[type[Event], Callable[[Any, Any], None]]):
    """Which method evolves an aggregate by which class of event."""

    def __missing__(self, event_class: type[Event]) -> Callable[[Any, Any], None]:
        raise TypeError(f"no method of this aggregate is marked @evolves({event_class.__name__})")


class Aggregate:
    """An identity, a version, and what its events have made of it.

    Satisfies eventsourcing's mutable-aggregate and collect-events protocols.
    """

    EVOLVERS: ClassVar[Evolvers] = Evolvers()
    IS_PERSONAL: ClassVar[bool] = False
    """Whether any of its events seals something personal."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = Evolvers()
        for attribute in vars(cls).values():
            for event_class in getattr(attribute, "evolves", ()):
                if event_class in own:
                    raise TypeError(f"{cls.__name__} has two methods marked @evolves({event_class.__name__})")
                own[event_class] = attribute
        cls.EVOLVERS = Evolvers(cls.EVOLVERS | own)
        cls.IS_PERSONAL = any(event_class.PERSONAL for event_class in cls.EVOLVERS)

    def __init__(self, id: UUID) -> None:
        self.id = id
        self.version = 0
        self.pending_events: list[Event] = []
        self.is_handed_over = False

    @property
    def exists(self) -> bool:
        """Whether anything has happened to it yet."""
        return self.version > 0

    @property
    def belongs_to(self) -> UUID | None:
        """The account whose key seals this aggregate's personal data, where there is one."""
        return None

    @classmethod
    def fold(cls, id: UUID, events: Iterable[Event]) -> Self:
        """This will make an aggregate of its events, oldest first."""
        aggregate = cls(id)
        aggregate.replay(events)
        return aggregate

    def replay(self, events: Iterable[Event]) -> None:
        """This will bring the aggregate forward by events that were already recorded."""
        evolvers = self.EVOLVERS
        for event in events:
            evolvers[type(event)](self, event)
            self.version = event.originator_version

    def record(self, event_class: type[Event], context: Context, /, **fields: Any) -> None:
        """This will make the event, evolve by it, and keep it until it is saved. Raises HandedOver."""
        if self.is_handed_over:
            raise HandedOver(f"{type(self).__name__} was saved: load it again")
        fields.setdefault("account_id", self.belongs_to)
        event = event_class(
            originator_id=self.id,
            originator_version=self.version + 1,
            at=context.at,
            by=context.by,
            correlation_id=context.correlation_id,
            causation_id=context.causation_id,
            schema=event_class.SCHEMA,
            **fields,
        )
        self.EVOLVERS[event_class](self, event)
        self.version = event.originator_version
        self.pending_events.append(event)

    def collect_events(self) -> list[Event]:
        """This will hand over what was recorded and not yet saved."""
        collected, self.pending_events = self.pending_events, []
        return collected
