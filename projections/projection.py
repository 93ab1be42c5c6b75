"""What a projection is: tables of its own, and what each event does to their rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from psycopg import AsyncCursor, sql

from domain.event import Event

F = TypeVar("F", bound=Callable[..., Any])


class Recorded(Protocol):
    """An event and where it stands in the log."""

    @property
    def position(self) -> int: ...

    @property
    def event(self) -> Event: ...


class Column(NamedTuple):
    """A column of a read model: `personal` ones hold what forgetting must purge and analysts must not see."""

    name: str
    type: str
    meaning: str
    personal: bool = False


class Table(NamedTuple):
    """A table of a read model. `key` is its primary key; `indexes` are further column lists."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()


class Place(NamedTuple):
    """Where a projection's tables stand: a schema, and a suffix while they are rebuilt beside the live ones."""

    schema: str
    suffix: str = ""

    def of(self, table: str) -> sql.Identifier:
        """This will name a table there."""
        return sql.Identifier(self.schema, table + self.suffix)


def when(*event_classes: type[Event]) -> Callable[[F], F]:
    """This will mark the method that says what such an event does to a row."""

    def mark(method: F) -> F:
        method.__dict__["when"] = event_classes
        return method

    return mark


class Projection:
    """Answers one question. Subclasses say what each event does, with `@when`."""

    name: ClassVar[str]
    tables: ClassVar[tuple[Table, ...]]
    handlers: ClassVar[dict[type[Event], Callable[..., Any]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own: dict[type[Event], Callable[..., Any]] = {}
        for attribute in vars(cls).values():
            for event_class in getattr(attribute, "when", ()):
                if event_class in own:
                    raise TypeError(f"{cls.__name__} has two methods marked @when({event_class.__name__})")
                own[event_class] = attribute
        cls.handlers = cls.handlers | own

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        """This will change the rows by a batch of events, all of which it handles, oldest first."""
        raise NotImplementedError
