"""The common kind of projection: one row a key, folded in memory for a batch, written back in one statement of each kind."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import msgspec
from psycopg import AsyncCursor

from domain.event import Event
from projections.projection import Place, Projection, Recorded, Table
from projections.rows import delete, from_row, load, put, update

__all__ = ["KeyedProjection", "from_row"]

R = TypeVar("R", bound=msgspec.Struct)


class Rows(Protocol):
    """Where the rows of a table are: read by key, written and deleted, in whole sets. `cursor` is the follower's."""

    async def load(self, cursor: Any, place: Place, table: Table, row_class: type[R], keys: Iterable[Hashable], /) -> list[R]:
        """This will give the rows whose first column is one of the keys."""
        ...

    async def put(self, cursor: Any, place: Place, table: Table, rows: Sequence[Any], /) -> None:
        """This will write rows, in the place of those with the same keys."""
        ...

    async def update(self, cursor: Any, place: Place, table: Table, pairs: Sequence[tuple[Any, Any]], /) -> None:
        """This will write rows that are there, given as (before, after)."""
        ...

    async def delete(self, cursor: Any, place: Place, table: Table, keys: Iterable[Hashable], /) -> None:
        """This will delete the rows whose first column is one of the keys."""
        ...


class SqlRows:
    """Rows in PostgreSQL, one statement a set."""

    load = staticmethod(load)
    put = staticmethod(put)
    update = staticmethod(update)
    delete = staticmethod(delete)


class KeyedProjection(Projection, Generic[R]):
    """Rows of one table, each found by its key.

    `row` is a Struct whose fields are the table's columns, in order; the first one is the key. Handlers take the row
    (None where there is none yet) and the recorded event, and give the row as it shall be, or None to delete it.
    """

    row: ClassVar[type[Any]]
    rows: Rows = SqlRows()

    def key(self, event: Event) -> Hashable:
        """This will give the key of the row that an event is about; None where it is about none."""
        return event.account_id

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        by_key: dict[Hashable, list[Recorded]] = {}
        for recorded in batch:
            key = self.key(recorded.event)
            if key is not None:
                by_key.setdefault(key, []).append(recorded)
        if by_key:
            await self._fold(cursor, place, by_key)

    def finished(self, row: R) -> R:
        """This will give a row as it is written, once the whole batch was taken: for what is reckoned from all of it.

        How the log was cut into batches must not matter: it raises for no row.
        """
        return row

    async def _fold(self, cursor: AsyncCursor[Any], place: Place, by_key: dict[Hashable, list[Recorded]]) -> None:
        table = self.tables[0]
        found = await self.rows.load(cursor, place, table, self.row, by_key)
        known: dict[Hashable, Any] = {getattr(row, table.key[0]): row for row in found}
        new, changed, gone = [], [], []
        for key, events in by_key.items():
            before = row = known.get(key)
            for recorded in events:
                row = self.handlers[type(recorded.event)](self, row, recorded)
            if row is before:
                continue
            if row is None:
                gone.append(key)
            elif before is None:
                new.append(self.finished(row))
            else:
                changed.append((before, self.finished(row)))
        if gone:
            await self.rows.delete(cursor, place, table, gone)
        if changed:
            await self.rows.update(cursor, place, table, changed)
        if new:
            await self.rows.put(cursor, place, table, new)
