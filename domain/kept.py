"""Aggregates as this process saved them last: a command on an old one needs only the events that came after."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import TypeVar
from uuid import UUID

from domain.aggregate import Aggregate

A = TypeVar("A", bound=Aggregate)

MOST_EVENTS = 50_000
"""Folded into all that is kept for one utility: some megabytes."""


class Kept:
    """What one process keeps of one utility's aggregates, the least used given up first; nothing of it is personal.

    Each is in one hand at a time: who takes one has it alone, and whoever asks meanwhile folds it from the log. So nobody sees
    what another has decided and not saved. Whatever is kept, its events past that version are still read, and the log's own key
    (aggregate, version) is the judge of a save: what is kept saves work, and proves nothing.
    """

    def __init__(self, most_events: int = MOST_EVENTS) -> None:
        self._most_events = most_events
        self._events = 0
        self._kept: OrderedDict[tuple[type[Aggregate], UUID], Aggregate] = OrderedDict()

    def take(self, kind: type[A], id: UUID) -> A:
        """This will hand over what is kept; else the aggregate before its first event."""
        kept = self._kept.pop((kind, id), None)
        if kept is None:
            return kind(id)
        self._events -= kept.version
        assert isinstance(kept, kind)  # noqa: S101 (for the type checker: the key says so)
        return kept

    def put(self, aggregate: Aggregate) -> None:
        """This will keep an aggregate all of whose events are in the log; whoever had it decides no more with it."""
        if aggregate.IS_PERSONAL or not 0 < aggregate.version <= self._most_events:
            return
        kept = copy.copy(aggregate)  # what it holds is handed over with it
        kept.pending_events = []
        aggregate.is_handed_over = True
        key = (type(kept), kept.id)
        if (former := self._kept.pop(key, None)) is not None:
            self._events -= former.version
            kept = max(kept, former, key=lambda each: each.version)
        self._kept[key] = kept
        self._events += kept.version
        while self._events > self._most_events:
            _, eldest = self._kept.popitem(last=False)
            self._events -= eldest.version
