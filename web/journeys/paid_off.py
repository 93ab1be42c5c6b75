"""When a debt is paid off, at the pace of late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

LATE = timedelta(days=90)
"""The time whose payments make the pace."""

SHORTEST = timedelta(days=14)
LONGEST = timedelta(days=3653)
"""A debt younger than the one has no pace yet, and what takes longer than the other is no estimate any more."""


def paid_off_on(balance: int, opened_on: date, payments: Sequence[tuple[date, int]], today: date) -> date | None:
    """This will estimate the day on which a debt is paid off; None where that cannot be known.

    The pace is what went to the debt in the last 90 days, or since it is owed where that is less: two payments at least, over
    14 days at least. `payments` are (day, minor units); one that was taken back is negative.
    """
    since = max(opened_on, today - LATE)
    late = [amount for day, amount in payments if since <= day <= today]
    paid, days = sum(late), (today - since).days
    if balance <= 0 or paid <= 0 or len([amount for amount in late if amount > 0]) < 2 or days < SHORTEST.days:
        return None
    left = -(-balance * days // paid)
    return today + timedelta(days=left) if left <= LONGEST.days else None
