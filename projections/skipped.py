"""What did operators decide to leave out of read models, and why? One row an event at which an aggregate was left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncCursor

from domain.left_out import ParkedSkipped
from projections.projection import Column, Place, Projection, Recorded, Table, when
from projections.rows import put


class SkippedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One decision."""

    read_model: str
    aggregate_id: UUID
    at_position: int
    error: str
    reason: str
    skipped_at: datetime
    skipped_by: str


class SkippedProjection(Projection):
    """Keeps every decision. What is skipped is read beside what is parked: `standing.py`."""

    name = "skipped"
    tables = (
        Table(
            name="skipped",
            meaning="Operators' decisions that a read model goes on without an aggregate it could not take.",
            key=("read_model", "aggregate_id", "at_position"),
            columns=(
                Column("read_model", "text", "which read model leaves it out"),
                Column("aggregate_id", "uuid", "what it leaves out"),
                Column("at_position", "bigint", "position of the first event that it could not take"),
                Column("error", "text", "why it could not: the error's class and the event's"),
                Column("reason", "text", "why that is left so"),
                Column("skipped_at", "timestamptz", "when it was decided"),
                Column("skipped_by", "text", "who did"),
            ),
        ),
    )

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        rows = [self.handlers[type(recorded.event)](self, recorded) for recorded in batch]
        # The same twice in a batch would be two changes of one row in one statement.
        await put(cursor, place, self.tables[0], list({(r.read_model, r.aggregate_id, r.at_position): r for r in rows}.values()))

    @when(ParkedSkipped)
    def skipped(self, recorded: Recorded) -> SkippedRow:
        event: Any = recorded.event
        return SkippedRow(
            read_model=event.read_model,
            aggregate_id=event.aggregate_id,
            at_position=event.at_position,
            error=event.error,
            reason=event.reason,
            skipped_at=event.at,
            skipped_by=event.by,
        )
