"""How many days what is there will last, by the utility's calendar: the same for the dashboard and for notices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from projections.days_left import DaysLeft


def by_meter(row: DaysLeft | None, today: date) -> dict[UUID, Decimal]:
    """This will give the days left of each meter in an account's row of which enough is known, in tenths."""
    found = {left.meter.meter_id: left.on(today) for left in row.left} if row is not None else {}
    return {meter_id: days for meter_id, days in found.items() if days is not None}
