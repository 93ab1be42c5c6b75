"""The common kind of projection: one row a key, folded in memory for a batch, written back in one statement."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from psycopg import AsyncCursor

from domain.event import Event
from projections.projection import Place, Projection, Recorded
from projections.rows import delete, from_row, load, put

__all__ = ["KeyedProjection", "from_row"]

R = TypeVar("R", bound=msgspec.Struct)


class KeyedProjection(Projection, Generic[R]):
    """Rows of one table, each found by its key.

    `row` is a Struct whose fields are the table's columns, in order; the first ones are the key. Handlers take the row
    (None where there is none yet) and the recorded event, and give the row as it shall be, or None to delete it.
    """

    row: ClassVar[type[Any]]

    def key(self, event: Event) -> Hashable:
        """This will give the key of the row that an event is about; None where it is about none."""
        return event.account_id

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        keys = [self.key(recorded.event) for recorded in batch]
        rows = await self._load(cursor, place, [key for key in dict.fromkeys(keys) if key is not None])
        touched: dict[Hashable, None] = {}
        for key, recorded in zip(keys, batch, strict=True):
            if key is None:
                continue
            rows[key] = self.handlers[type(recorded.event)](self, rows.get(key), recorded)
            touched[key] = None
        await self._write(cursor, place, {key: rows[key] for key in touched})

    async def _load(self, cursor: AsyncCursor[Any], place: Place, keys: Sequence[Hashable]) -> dict[Hashable, Any]:
        found = await load(cursor, place, self.tables[0], self.row, keys)
        return {getattr(row, self.tables[0].key[0]): row for row in found}

    async def _write(self, cursor: AsyncCursor[Any], place: Place, rows: dict[Hashable, Any]) -> None:
        kept = [row for row in rows.values() if row is not None]
        gone = [key for key, row in rows.items() if row is None]
        if gone:
            await delete(cursor, place, self.tables[0], gone)
        if kept:
            await put(cursor, place, self.tables[0], kept)
