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
        told: list[tuple[Any, ...]] = []
        for recorded in batch:
            if isinstance(recorded.event, UsageRecorded):
                told += self.usage_recorded(recorded)
                continue
            await self._write(cursor, place, told)
            told = []
            await self.person_forgotten(cursor, place, recorded)
        await self._write(cursor, place, told)

    @when(UsageRecorded)
    def usage_recorded(self, recorded: Recorded) -> list[tuple[Any, ...]]:
        event: Any = recorded.event
        months: dict[date, dict[int, int]] = {}
        for reading in event.readings:
            months.setdefault(reading.day.replace(day=1), {})[reading.day.day] = reading.milliunits
        about = (event.account_id, event.meter_id, event.resource, event.unit)
        return [(*about, month, sum(days.values()), msgspec.json.encode(days).decode()) for month, days in months.items()]

    @when(PersonForgotten)
    async def person_forgotten(self, cursor: AsyncCursor[Any], place: Place, recorded: Recorded) -> None:
        await cursor.execute(
            sql.SQL("DELETE FROM {} WHERE account_id = %s").format(place.of("usage_months")), (recorded.event.originator_id,)
        )

    @staticmethod
    async def _write(cursor: AsyncCursor[Any], place: Place, rows: list[tuple[Any, ...]]) -> None:
        """A day that is told again replaces what was known of it."""
        await cursor.executemany(
            sql.SQL(
                "INSERT INTO {table} AS known (account_id, meter_id, resource, unit, month, milliunits, days)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb)"
                " ON CONFLICT (account_id, meter_id, month) DO UPDATE SET resource = excluded.resource, unit = excluded.unit,"
                " days = known.days || excluded.days, milliunits = (SELECT coalesce(sum(value::bigint), 0)"
                " FROM jsonb_each_text(known.days || excluded.days))"
            ).format(table=place.of("usage_months")),
            rows,
        )


class UsageMonthsView(View):
    """Reads an account's months."""

    async def of(self, account_id: UUID, *, since: date) -> list[UsageMonth]:
        """This will give the months of each of its meters from the month of `since` on, oldest first."""
        query = sql.SQL("SELECT {columns} FROM {table} WHERE account_id = %s AND month >= %s ORDER BY meter_id, month").format(
            columns=sql.SQL(", ").join(map(sql.Identifier, UsageMonth.__struct_fields__)), table=self.place.of("usage_months")
        )
        return [from_row(UsageMonth, values) for values in await self.rows(query, (account_id, since.replace(day=1)))]
