"""The kind of projection that analysts' questions are answered from: facts added up by day, without anybody in them.

Each fact has the day on which Seed knew it, `known_on`: what is known at the end of a day is the sum of all that was known up
to it, so that every answer can be given as it was at the end of any past day.

Days are days of the utility. Its zone is what the log said last before the event, and is kept in a table of the projection's own:
a rebuild meets the same zones at the same events. Where a utility changes its zone, the days that were counted stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncCursor, sql

from domain.utility import UtilityDescribed
from projections.projection import Column, Place, Projection, Recorded, Table, when
from projections.rows import add, from_row, put

NO_CURRENCY = "XXX"
"""ISO 4217: no currency; until the utility is described."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What the utility's days and money are, as its last description says; UTC before the first."""

    utility_id: UUID = UUID(int=0)
    zone: str = "UTC"
    currency: str = NO_CURRENCY

    def day(self, moment: datetime) -> date:
        """This will give the utility's day of a moment."""
        return moment.astimezone(ZoneInfo(self.zone)).date()


def seconds_between(begin: datetime, end: datetime) -> int:
    """This will give whole seconds; 0 where two clocks differ so that something ended before it began."""
    return max(0, int((end - begin).total_seconds()))


class Sums:
    """Numbers to be added to the rows of a facts table: its key is the dimensions, all other columns are added up."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._places = {column.name: place for place, column in enumerate(c for c in table.columns if c.name not in table.key)}
        self._sums: dict[tuple[Any, ...], list[int]] = {}

    def add(self, *key: Any, **numbers: int) -> None:
        """This will add numbers to one row."""
        row = self._sums.setdefault(key, [0] * len(self._places))
        for name, number in numbers.items():
            row[self._places[name]] += number

    async def write(self, cursor: AsyncCursor[Any], place: Place) -> None:
        """This will add what was gathered to the table."""
        await add(cursor, place, self.table, self._sums)


W = TypeVar("W", bound="Work")


class Work:
    """What one batch is worked on with: rows that were read, and sums and rows that are to be written."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    async def write(self, cursor: AsyncCursor[Any], place: Place) -> None:
        """This will write what the batch came to."""
        raise NotImplementedError


def setting_table(projection: str) -> Table:
    """This will give the table in which a projection keeps the utility's zone and currency."""
    return Table(
        name=f"{projection}_setting",
        meaning=f"By which zone the days of {projection} are counted.",
        key=("utility_id",),
        columns=(
            Column("utility_id", "uuid", "the utility, one row"),
            Column("zone", "text", "its zone (IANA), as last described"),
            Column("currency", "text", "its currency (ISO 4217), as last described"),
        ),
    )


class DailyProjection(Projection, Generic[W]):
    """Adds up facts by day. Handlers take the batch's work and the recorded event; the last table is the setting's."""

    tables: ClassVar[tuple[Table, ...]]

    async def begin(self, cursor: AsyncCursor[Any], place: Place, setting: Setting, batch: Sequence[Recorded]) -> W:
        """This will read what the batch needs."""
        raise NotImplementedError

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        before = await self._setting(cursor, place)
        work = await self.begin(cursor, place, before, batch)
        for recorded in batch:
            self.handlers[type(recorded.event)](self, work, recorded)
        await work.write(cursor, place)
        if work.setting != before:
            await put(cursor, place, self.tables[-1], [work.setting])

    @when(UtilityDescribed)
    def described(self, work: W, recorded: Recorded) -> None:
        event: Any = recorded.event
        ZoneInfo(event.description.zone)  # an unknown one is refused here, and parks the utility, not every later event
        work.setting = Setting(utility_id=event.originator_id, zone=event.description.zone, currency=event.description.currency)

    async def _setting(self, cursor: AsyncCursor[Any], place: Place) -> Setting:
        table = self.tables[-1]
        await cursor.execute(
            sql.SQL("SELECT {} FROM {}").format(
                sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns), place.of(table.name)
            )
        )
        row = await cursor.fetchone()
        return Setting() if row is None else from_row(Setting, row)
