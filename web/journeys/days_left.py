"""How many days the power lasts: from what was bought, what was used, and the wallet."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from projections.dashboard import Dashboard

LATE = 14
"""Days whose average counts as the present usage."""


def days_left(row: Dashboard, now: datetime) -> Decimal | None:
    """This will estimate the days left on the electricity meter, to a tenth; None without a purchase or without usage.

    What is there: what was bought less what was used since, day by day and never below nothing (what was on the meter before
    the first known purchase is not known, so this is rather too little than too much); and on an AMI meter what the wallet
    would buy at the last price (on an STS meter the wallet buys nothing by itself).
    """
    meter = next((m for m in row.meters if m.resource == "electricity"), None)
    used = next((u for u in row.usage if meter and u.meter_id == meter.meter_id), None)
    if meter is None or used is None or row.last_purchase_at is None or row.last_energy_milliunits <= 0:
        return None
    today = now.date()
    late = [day.milliunits for day in used.days if today - timedelta(days=LATE) <= day.day <= today]
    average = Decimal(sum(late)) / len(late) if late else Decimal(0)
    if average <= 0:
        return None
    bought = next((b for b in row.bought if b.meter_id == meter.meter_id), None)
    there = Decimal(_stock({d.day: d.milliunits for d in bought.days}, {d.day: d.milliunits for d in used.days}) if bought else 0)
    if meter.kind == "AMI" and row.last_energy_amount > 0:
        there += Decimal(max(0, row.wallet_balance)) * row.last_energy_milliunits / row.last_energy_amount
    return (there / average).quantize(Decimal("0.1"))


def _stock(bought: dict[date, int], used: dict[date, int]) -> int:
    """What is left of what was bought, in thousandths; a day's usage is taken before what is bought on it."""
    stock = 0
    for day in sorted(bought.keys() | used.keys()):
        stock = max(0, stock - used.get(day, 0)) + bought.get(day, 0)
    return stock
