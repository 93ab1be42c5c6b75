"""A meter's month of usage: a stream of its own, appended in batches."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from domain.aggregate import Aggregate, evolves
from domain.event import Context, Event


class Reading(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a meter used on one day, in thousandths of its unit (Wh of kWh, litres of kl or m³)."""

    day: date
    milliunits: int


class UsageRecorded(Event, frozen=True, kw_only=True):
    """Juice told what the meter used on some days; a day told again replaces what was known of it."""

    TOPIC = "usage-recorded"

    meter_id: UUID
    resource: str
    unit: str
    readings: tuple[Reading, ...]


class MeterUsage(Aggregate):
    """One meter in one month."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.days: dict[date, int] = {}
        self.account_id: UUID | None = None

    @property
    def belongs_to(self) -> UUID | None:
        return self.account_id

    def take(
        self, context: Context, *, account_id: UUID, meter_id: UUID, resource: str, unit: str, readings: list[Reading]
    ) -> None:
        """This will record the readings that are new or different."""
        news = tuple(reading for reading in readings if self.days.get(reading.day) != reading.milliunits)
        if news:
            self.record(
                UsageRecorded, context, account_id=account_id, meter_id=meter_id, resource=resource, unit=unit, readings=news
            )

    @evolves(UsageRecorded)
    def _evolve_recorded(self, event: UsageRecorded) -> None:
        self.account_id = event.account_id
        for reading in event.readings:
            self.days[reading.day] = reading.milliunits
