"""The common kind of projection: one row a key, folded in memory for a batch, written back in one statement."""

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

    `row` is a Struct whose fields are the table's columns, in order; the first ones are the key. Handlers take the row
    (None where there is none yet) and the recorded event, and give the row as it shall be, or None to delete it.
    """

    row: ClassVar[type[Any]]
    rows: Rows = SqlRows()

    def key(self, event: Event) -> Hashable:
        """This will give the key of the row that an event is about; None where it is about none."""
        return event.account_id

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        keys = [self.key(recorded.event) for recorded in batch]
        before = await self._load(cursor, place, [key for key in dict.fromkeys(keys) if key is not None])
        rows = dict(before)
        touched: dict[Hashable, None] = {}
        for key, recorded in zip(keys, batch, strict=True):
            if key is None:
                continue
            rows[key] = self.handlers[type(recorded.event)](self, rows.get(key), recorded)
            touched[key] = None
        await self._write(cursor, place, before, {key: rows[key] for key in touched})

    async def _load(self, cursor: AsyncCursor[Any], place: Place, keys: Sequence[Hashable]) -> dict[Hashable, Any]:
        found = await self.rows.load(cursor, place, self.tables[0], self.row, keys)
        return {getattr(row, self.tables[0].key[0]): row for row in found}

    async def _write(
        self, cursor: AsyncCursor[Any], place: Place, before: dict[Hashable, Any], rows: dict[Hashable, Any]
    ) -> None:
        new = [row for key, row in rows.items() if row is not None and key not in before]
        changed = [(before[key], row) for key, row in rows.items() if row is not None and row is not before.get(key, row)]
        gone = [key for key, row in rows.items() if row is None and key in before]
        if gone:
            await self.rows.delete(cursor, place, self.tables[0], gone)
        if changed:
            await self.rows.update(cursor, place, self.tables[0], changed)
        if new:
            await self.rows.put(cursor, place, self.tables[0], new)
