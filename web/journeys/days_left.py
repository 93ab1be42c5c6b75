"""How many days what is there will last, by the utility's calendar: the same for the dashboard and for notices."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from projections.days_left import DaysLeft
from web.journeys.visit import Visit


async def by_meter(visit: Visit, row: DaysLeft | None) -> dict[UUID, Decimal]:
    """This will give the days left of each meter in an account's row of which enough is known, in tenths."""
    zone = ZoneInfo((await visit.services.description()).zone)
    today = visit.clock().astimezone(zone).date()
    found = {left.meter.meter_id: left.on(today) for left in row.left} if row is not None else {}
    return {meter_id: days for meter_id, days in found.items() if days is not None}
