"""What did each event change? A history folded again, an event at a time, with what stood before and what stands after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

import domain.portal  # noqa: F401 (its imports define every aggregate)
from domain.aggregate import Aggregate
from domain.event import Event

WITHHELD = frozenset({"verifier", "slow_hash"})
"""Fields that no reader needs and a thief could use: hashes of passwords."""

NOT_STATE = frozenset({"id", "version", "pending_events"})


class Change(msgspec.Struct, frozen=True):
    """One field of an aggregate's state: where it stands (names joined by dots), before and after; None where it was not there.

    Of a list of plain values only what left it and what joined it.
    """

    field: str
    before: Any
    after: Any


class State(msgspec.Struct, frozen=True, kw_only=True):
    """One aggregate at the end of a history."""

    aggregate: str
    id: UUID
    version: int
    fields: dict[str, Any]


class Replay:
    """Folds the events of any number of aggregates, in the log's order."""

    def __init__(self) -> None:
        self._aggregates: dict[UUID, Aggregate] = {}

    def pass_over(self, event: Event) -> None:
        """This will take an event without saying what it changes: much faster."""
        self._aggregate(event).replay([event])

    def take(self, event: Event) -> tuple[str, list[Change]]:
        """This will take an event and give the aggregate it happened to, by name, and what changed."""
        aggregate = self._aggregate(event)
        before = dict(_flat(_plain(aggregate)))
        aggregate.replay([event])
        after = dict(_flat(_plain(aggregate)))
        return type(aggregate).__name__, list(_changes(before, after))

    def states(self) -> list[State]:
        """This will give every aggregate as it stands now, in the order in which they began."""
        return [
            State(aggregate=type(each).__name__, id=each.id, version=each.version, fields=_plain(each))
            for each in self._aggregates.values()
        ]

    def _aggregate(self, event: Event) -> Aggregate:
        aggregate = self._aggregates.get(event.originator_id)
        if aggregate is None:
            aggregate = self._aggregates[event.originator_id] = _class_of(event)(event.originator_id)
        return aggregate


def _class_of(event: Event) -> type[Aggregate]:
    return next(each for each in _below(Aggregate) if type(event) in each.EVOLVERS)


def _below(of: type[Aggregate]) -> Iterator[type[Aggregate]]:
    for each in of.__subclasses__():
        yield each
        yield from _below(each)


def _plain(value: Any) -> Any:
    """State as JSON has it, hashes of passwords left out; sets are sorted, so that the same state is always the same text."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, msgspec.Struct):
        return _plain({name: getattr(value, name) for name in value.__struct_fields__})
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items() if name not in WITHHELD}
    if isinstance(value, Set):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Aggregate):
        return _plain({name: each for name, each in vars(value).items() if name not in NOT_STATE})
    if type(value).__module__.startswith("domain.") and hasattr(value, "__dict__"):
        return _plain(vars(value))
    return msgspec.to_builtins(value)


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _flat(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for place, each in enumerate(value):
            yield from _flat(each, f"{path}.{place}")
    else:
        yield path, value


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for field in dict.fromkeys([*before, *after]):
        old, new = before.get(field), after.get(field)
        if isinstance(old, list) and isinstance(new, list):
            left, joined = _without(old, new), _without(new, old)
            if left or joined:
                yield Change(field, left, joined)
        elif old != new:
            yield Change(field, old, new)


def _without(some: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    known = set(others)
    return [each for each in some if each not in known]
