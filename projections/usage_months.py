"""What did each meter use, month by month? One row a month of a meter, with its days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain.account_events import PersonForgotten
from domain.usage import UsageRecorded
from projections.keyed import from_row
from projections.projection import Column, Place, Projection, Recorded, Table, when
from projections.view import View


class UsageMonth(msgspec.Struct, frozen=True, kw_only=True):
    """A meter's month in thousandths of `unit`: `days` by their number in the month; one that was not told is left out."""

    account_id: UUID
    meter_id: UUID
    month: date
    resource: str
    unit: str
    milliunits: int
    days: dict[int, int]


Months = dict[tuple[UUID, UUID, date], dict[str, Any]]
"""What a batch tells of each month: by account, meter and first day."""


class UsageMonthsProjection(Projection):
    """Keeps one row a meter's month of an account: a meter that moves leaves its earlier days with the account that used them."""

    name = "usage_months"
    tables = (
        Table(
            name="usage_months",
            meaning="What each meter used in each month, and on each of its days.",
            key=("account_id", "meter_id", "month"),
            columns=(
                Column("account_id", "uuid", "the account"),
                Column("meter_id", "uuid", "the meter"),
                Column("month", "date", "first day of the month"),
                Column("resource", "text", "electricity, water or gas"),
                Column("unit", "text", "the unit of what was used"),
                Column("milliunits", "bigint", "used in the whole month as far as it was told, in thousandths"),
                Column("days", "jsonb", "used on each day that was told, by its number, in thousandths", personal=True),
            ),
        ),
    )

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        told: Months = {}
        for recorded in batch:
            if isinstance(recorded.event, UsageRecorded):
                self.usage_recorded(told, recorded)
                continue
            await self._write(cursor, place, told)
            told = {}
            await self.person_forgotten(cursor, place, recorded)
        await self._write(cursor, place, told)

    @when(UsageRecorded)
    def usage_recorded(self, told: Months, recorded: Recorded) -> None:
        event: Any = recorded.event
        for reading in event.readings:
            key = event.account_id, event.meter_id, reading.day.replace(day=1)
            month = told.setdefault(key, {"days": {}})
            month |= {"resource": event.resource, "unit": event.unit}
            month["days"][reading.day.day] = reading.milliunits

    @when(PersonForgotten)
    async def person_forgotten(self, cursor: AsyncCursor[Any], place: Place, recorded: Recorded) -> None:
        await cursor.execute(
            sql.SQL("DELETE FROM {} WHERE account_id = %s").format(place.of("usage_months")), (recorded.event.originator_id,)
        )

    @staticmethod
    async def _write(cursor: AsyncCursor[Any], place: Place, told: Months) -> None:
        """A day that is told again replaces what was known of it."""
        rows = [
            {"account_id": account_id, "meter_id": meter_id, "month": day, "milliunits": sum(month["days"].values()), **month}
            for (account_id, meter_id, day), month in told.items()
        ]
        if not rows:
            return
        await cursor.execute(
            sql.SQL(
                "INSERT INTO {table} AS known (account_id, meter_id, resource, unit, month, milliunits, days)"
                " SELECT account_id, meter_id, resource, unit, month, milliunits, days"
                " FROM json_populate_recordset(NULL::{table}, %s::json)"
                " ON CONFLICT (account_id, meter_id, month) DO UPDATE SET resource = excluded.resource, unit = excluded.unit,"
                " days = known.days || excluded.days, milliunits = (SELECT coalesce(sum(value::bigint), 0)"
                " FROM jsonb_each_text(known.days || excluded.days))"
            ).format(table=place.of("usage_months")),
            (msgspec.json.encode(rows).decode(),),
        )


class UsageMonthsView(View):
    """Reads an account's months."""

    async def of(self, account_id: UUID, *, since: date) -> list[UsageMonth]:
        """This will give the months of each of its meters from the month of `since` on, oldest first."""
        query = sql.SQL("SELECT {columns} FROM {table} WHERE account_id = %s AND month >= %s ORDER BY meter_id, month").format(
            columns=sql.SQL(", ").join(map(sql.Identifier, UsageMonth.__struct_fields__)), table=self.place.of("usage_months")
        )
        return [from_row(UsageMonth, values) for values in await self.rows(query, (account_id, since.replace(day=1)))]
