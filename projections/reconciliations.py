"""Where did Juice's balance differ from what is recorded here? One row a difference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain.wallet import WalletReconciled
from projections.keyed import from_row
from projections.projection import Column, Place, Projection, Recorded, Table, when
from projections.rows import put
from projections.view import View

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


class ReconciliationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One difference, in minor units of the wallet's currency: what Juice says, less what was recorded."""

    position: int
    account_id: UUID
    recorded_at: datetime
    as_of: datetime
    juice_balance: int
    recorded_balance: int
    difference: int


class ReconciliationsProjection(Projection):
    """Keeps every difference."""

    name = "reconciliations"
    tables = (
        Table(
            name="reconciliations",
            meaning="Wallets whose balance in Juice differed from the sum of what is recorded here.",
            key=("position",),
            indexes=(("recorded_at", "position"),),
            columns=(
                Column("position", "bigint", "position of the event"),
                Column("account_id", "uuid", "whose wallet"),
                Column("recorded_at", "timestamptz", "when the difference was found"),
                Column("as_of", "timestamptz", "the moment that Juice's balance is of"),
                Column("juice_balance", "bigint", "what Juice says, minor units"),
                Column("recorded_balance", "bigint", "the sum of what was recorded, minor units"),
                Column("difference", "bigint", "Juice's less the recorded one"),
            ),
        ),
    )

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        rows = [self.handlers[type(recorded.event)](self, recorded) for recorded in batch]
        await put(cursor, place, self.tables[0], rows)

    @when(WalletReconciled)
    def reconciled(self, recorded: Recorded) -> ReconciliationRow:
        event: Any = recorded.event
        return ReconciliationRow(
            position=recorded.position,
            account_id=event.account_id,
            recorded_at=event.at,
            as_of=event.as_of,
            juice_balance=event.juice_balance,
            recorded_balance=event.recorded_balance,
            difference=event.difference,
        )


class ReconciliationsView(View):
    """Reads differences."""

    async def listed(self, *, since: datetime, limit: int, before: tuple[datetime, int] | None = None) -> list[ReconciliationRow]:
        """This will give those of a moment and later, the newest first, from behind the (moment, position) `before`."""
        query = sql.SQL(
            "SELECT {columns} FROM {table} WHERE recorded_at >= %s AND (recorded_at, position) < (%s, %s)"
            " ORDER BY recorded_at DESC, position DESC LIMIT %s"
        ).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, ReconciliationRow.__struct_fields__)),
            table=self.place.of("reconciliations"),
        )
        at, position = before or (END_OF_TIME, 0)
        return [from_row(ReconciliationRow, values) for values in await self.rows(query, (since, at, position, limit))]
