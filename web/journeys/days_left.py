"""How many days the power lasts: from the last purchase, the wallet, and the usage of late."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from projections.dashboard import Dashboard

LATE = 14
"""Days whose average counts as the present usage."""


def days_left(row: Dashboard, now: datetime) -> Decimal | None:
    """This will estimate the days left on the electricity meter, to a tenth; None without a purchase or without usage.

    What is there: the units last bought, less those used since, and on an AMI meter what the wallet would buy at the
    last price (on an STS meter the wallet buys nothing by itself).
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
    bought_on = row.last_purchase_at.date()
    since = sum(day.milliunits for day in used.days if day.day > bought_on)
    there = Decimal(max(0, row.last_energy_milliunits - since))
    if meter.kind == "AMI" and row.last_energy_amount > 0:
        there += Decimal(max(0, row.wallet_balance)) * row.last_energy_milliunits / row.last_energy_amount
    return (there / average).quantize(Decimal("0.1"))
