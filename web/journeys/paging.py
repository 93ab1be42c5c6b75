"""Long lists, a page at a time: the one helper for API, site and console.

A page ends behind a row, and a cursor names that place by what the list is sorted by: a moment, and what tells rows of the
same moment apart. So a link to what is older stays right, whatever is added meanwhile. A list that is sorted by positions of
the log takes `BY_POSITION`, one whose rows have ids takes `BY_ID`; a query asks for one row more than it shows, and `cut` makes
the page of it. In the API, a query's schema is `web.api.cursors.PageQuery` or a subclass of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

R = TypeVar("R")
T = TypeVar("T", int, UUID)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS = "(?:0|[1-9][0-9]{0,16})"
"""Since 1970, up to the year 5138."""


@dataclass(frozen=True)
class Cursor(Generic[T]):
    """How one kind of place is written. Each text of the form `pattern` is a place, and each place has no other form."""

    pattern: str
    example: str
    _tie: Callable[[str], T]

    def write(self, at: datetime, tie: T) -> str:
        """This will name the place behind a row."""
        return f"{(at - EPOCH) // timedelta(microseconds=1)}.{tie}"

    def read(self, text: str) -> tuple[datetime, T]:
        """This will give the (moment, tie) of a cursor. Raises ValueError for a text of another form."""
        if not re.fullmatch(self.pattern, text):
            raise ValueError("no cursor")
        microseconds, _, tie = text.partition(".")
        return EPOCH + timedelta(microseconds=int(microseconds)), self._tie(tie)


BY_POSITION = Cursor(rf"^{MICROSECONDS}\.(?:0|[1-9][0-9]{{0,17}})$", "1767225600000000.4711", int)
BY_ID = Cursor(
    rf"^{MICROSECONDS}\.[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$",
    "1767225600000000.019b7655-0000-7000-8000-000000000001",
    UUID,
)


@dataclass(frozen=True, kw_only=True)
class Page(Generic[R]):
    """The rows of a page, and the cursor of the next one; None where there is nothing further."""

    items: Sequence[R]
    next: str | None


def cut(rows: Sequence[R], limit: int, place: Callable[[R], str]) -> Page[R]:
    """This will make a page of up to `limit` rows, of one more that were asked for; `place` writes a row's cursor."""
    further = len(rows) > limit
    return Page(items=rows[:limit], next=place(rows[limit - 1]) if further else None)
