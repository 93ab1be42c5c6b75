"""Which differences between the books are open, and how were the others settled? One row a difference."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import sql

from domain.difference_events import DifferenceFound, DifferenceSettled
from domain.event import Event
from domain.ticket_events import About
from projections.keyed import KeyedProjection
from projections.projection import Column, Recorded, Table, when
from projections.view import KeyedView


class DifferenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One difference as it was found last; `how`, `settled_at` and `settled_by` are None while it is open."""

    difference_id: UUID
    account_id: UUID | None
    kind: str
    day: date
    about: About | None
    message_id: str | None
    juice_number: str | None
    payment_id: str | None
    recorded: int
    currency: str
    told: int
    told_currency: str
    difference: int | None
    found_at: datetime
    how: str | None
    reference: str | None
    settled_at: datetime | None
    settled_by: str | None
    position: int


class DifferencesProjection(KeyedProjection[DifferenceRow]):
    """Keeps one row a difference."""

    name = "differences"
    row = DifferenceRow
    tables = (
        Table(
            name="differences",
            meaning="What Seed's log, Juice's list and the provider's list did not say alike.",
            key=("difference_id",),
            indexes=(("settled_at", "found_at"), ("account_id",)),
            columns=(
                Column("difference_id", "uuid", "keyed id that follows from what differs"),
                Column("account_id", "uuid", "whose payment it is, where that is known"),
                Column("kind", "text", "what differs"),
                Column("day", "date", "the utility's day in whose books it was found"),
                Column("about", "jsonb", "the purchase or redemption, where it is of one"),
                Column("message_id", "text", "the id under which Juice was asked"),
                Column("juice_number", "text", "Juice's number of the transaction"),
                Column("payment_id", "text", "the provider's number of the payment"),
                Column("recorded", "bigint", "what Seed's log says, minor units"),
                Column("currency", "text", "ISO 4217, of what Seed's log says"),
                Column("told", "bigint", "what the other book says, minor units"),
                Column("told_currency", "text", "ISO 4217, of what the other book says"),
                Column("difference", "bigint", "told less recorded; NULL where the currencies differ"),
                Column("found_at", "timestamptz", "when it was found"),
                Column("how", "text", "how it was settled; NULL while it is open"),
                Column("reference", "text", "the utility's reference of it"),
                Column("settled_at", "timestamptz", "when it was settled"),
                Column("settled_by", "text", "who settled it"),
                Column("position", "bigint", "position of the last event in this row"),
            ),
        ),
    )

    def key(self, event: Event) -> UUID:
        return event.originator_id

    @when(DifferenceFound)
    def found(self, row: DifferenceRow | None, recorded: Recorded) -> DifferenceRow:
        event: Any = recorded.event
        return DifferenceRow(
            difference_id=event.originator_id,
            account_id=event.account_id,
            kind=event.kind,
            day=event.day,
            about=event.about,
            message_id=event.message_id,
            juice_number=event.juice_number,
            payment_id=event.payment_id,
            recorded=event.recorded,
            currency=event.currency,
            told=event.told,
            told_currency=event.told_currency,
            difference=event.difference,
            found_at=event.at,
            how=None,
            reference=None,
            settled_at=None,
            settled_by=None,
            position=recorded.position,
        )

    @when(DifferenceSettled)
    def settled(self, row: DifferenceRow, recorded: Recorded) -> DifferenceRow:
        event: Any = recorded.event
        settled = {"how": event.how, "reference": event.case, "settled_at": event.at, "settled_by": event.by}
        return msgspec.structs.replace(row, **settled, position=recorded.position)


class DifferencesView(KeyedView[DifferenceRow]):
    """Reads differences."""

    projection = DifferencesProjection

    async def of(self, difference_id: UUID) -> DifferenceRow | None:
        """This will give a difference; None where there is none."""
        return await self.one(difference_id)

    async def open(self, *, limit: int | None = None) -> list[DifferenceRow]:
        """This will give those that nobody has settled, the oldest first."""
        return await self.some("WHERE settled_at IS NULL ORDER BY found_at, difference_id LIMIT %s", (limit,))

    async def settled(self, *, since: datetime, limit: int) -> list[DifferenceRow]:
        """This will give those that were settled at a moment or later, the last first."""
        return await self.some("WHERE settled_at >= %s ORDER BY settled_at DESC, difference_id LIMIT %s", (since, limit))

    async def counts(self) -> list[tuple[str, int]]:
        """This will give how many are open, by kind."""
        query = sql.SQL("SELECT kind, count(*) FROM {} WHERE settled_at IS NULL GROUP BY kind ORDER BY kind")
        return [(kind, count) for kind, count in await self.rows(query.format(self.place.of("differences")))]
