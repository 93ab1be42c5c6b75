"""The shape every event shares: whose it is, who did it, when, and because of what."""

from __future__ import annotations

from datetime import datetime
from inspect import get_annotations
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from eventsourcing.utils import register_topic

FORGOTTEN = "[forgotten]"
"""What a personal field reads as once its account's key is destroyed."""

CATALOGUE: dict[str, type[Event]] = {}
"""Every event class by its topic; filled as the classes are defined."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts, when, and because of what: passed into every command, kept in every event.

    `by` is a role with an optional name: `customer`, `visitor`, `staff:ann`, `system:vendor`, `juice`.
    """

    at: datetime
    by: str
    correlation_id: UUID
    causation_id: UUID | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A thing that happened to one aggregate; never changed, readable for ever.

    A subclass names its `TOPIC` (pinned: it is what the log stores). `PERSONAL` lists the fields that are sealed
    under the account's own key. When the fields change, raise `SCHEMA` and add `upcast_N(payload)`, which turns
    the payload of schema N into one of N+1.

    Nothing in it leads back to it, so that the collector of garbage need not look at it (`gc=False`, here and on what events are
    made of): a history is read in a tenth to a quarter less time.
    """

    TOPIC: ClassVar[str]
    SCHEMA: ClassVar[int] = 1
    PERSONAL: ClassVar[tuple[str, ...]] = ()

    originator_id: UUID
    originator_version: int
    at: datetime
    by: str
    account_id: UUID | None
    correlation_id: UUID
    causation_id: UUID | None = None
    schema: int = 1

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        topic = cls.__dict__.get("TOPIC")
        if topic is None:
            raise TypeError(f"{cls.__name__} has no TOPIC of its own: the log would not know what to call it")
        if topic in CATALOGUE:
            raise TypeError(f"{cls.__name__} and {CATALOGUE[topic].__name__} share the topic {topic!r}")
        fields = {name for each in cls.__mro__ for name in get_annotations(each)}
        if unknown := sorted(set(cls.PERSONAL) - fields):
            raise TypeError(
                f"{cls.__name__}.PERSONAL names {', '.join(unknown)}, which is no field of it: nothing would be sealed"
            )
        CATALOGUE[topic] = cls
        register_topic(topic, cls)
