"""A month of usage as bars with its average, drawn as SVG; colours and sizes of letters come from the stylesheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup

from projections.dashboard import UsageDay

DAYS = 30
WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 4, 28, 40
"""Room for the letters, which are twice as large on a phone."""

GAP = 0.28
"""The share of a day's width that stays empty beside its bar."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """The last 30 days up to the latest one that is known, oldest first; None where a day was not told."""

    days: tuple[tuple[date, int | None], ...]
    unit: str

    @property
    def average(self) -> Decimal:
        """The average of the days that are known, in thousandths of the unit."""
        known = [used for _, used in self.days if used is not None]
        return Decimal(sum(known)) / len(known) if known else Decimal(0)

    @property
    def total(self) -> int:
        """All days together, in thousandths of the unit."""
        return sum(used or 0 for _, used in self.days)


def month(days: Sequence[UsageDay], unit: str) -> Month | None:
    """This will take the last 30 days; None where nothing is known."""
    if not days:
        return None
    known = {day.day: day.milliunits for day in days}
    last = max(known)
    return Month(days=tuple((day, known.get(day)) for day in (last - timedelta(n) for n in range(DAYS - 1, -1, -1))), unit=unit)


def drawn(
    shown: Month, *, key: str, title: str, description: str, short_day: Callable[[date], str], number: Callable[[Decimal], str]
) -> Markup:
    """This will draw the chart. `key` keeps the ids of several charts on a page apart."""
    top = ceiling(max((used or 0 for _, used in shown.days), default=0))
    height, width = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / len(shown.days)

    def y(milliunits: Decimal | int) -> Decimal:
        return (TOP + height * (1 - Decimal(milliunits) / top)).quantize(Decimal("0.1"))

    parts = [
        Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{key}-title {key}-description">').format(
            WIDTH, HEIGHT, key=key
        ),
        Markup('<title id="{0}-title">{1}</title><desc id="{0}-description">{2}</desc>').format(key, title, description),
        Markup('<text class="unit" x="0" y="16">{}</text>').format(shown.unit),
    ]
    for share in (0, top / 2, top):
        parts.append(
            Markup('<line class="grid" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/><text class="value" x="{3}" y="{2}">{4}</text>').format(
                LEFT, WIDTH - RIGHT, y(share), LEFT - 8, number(share / 1000)
            )
        )
    bars = []
    for index, (_, used) in enumerate(shown.days):
        if used:
            x, upper = LEFT + width * (index + GAP / 2), y(used)
            bars.append(f"M{x:.1f} {y(0)}V{upper}h{width * (1 - GAP):.1f}V{y(0)}z")
    parts.append(Markup('<path class="bars" d="{}"/>').format("".join(bars)))
    parts.append(Markup('<line class="average" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>').format(LEFT, WIDTH - RIGHT, y(shown.average)))
    for index, place in ((0, "first"), (len(shown.days) // 2, "middle"), (len(shown.days) - 1, "last")):
        x = {"first": LEFT, "last": WIDTH - RIGHT}.get(place, LEFT + width * (index + 0.5))
        parts.append(
            Markup('<text class="day {}" x="{:.1f}" y="{}">{}</text>').format(place, x, HEIGHT - 10, short_day(shown.days[index][0]))
        )
    return Markup("").join([*parts, Markup("</svg>")])


def ceiling(milliunits: int) -> Decimal:
    """This will give the round number above a value, whose half is round too: 1, 2, 4, 6, 8 or 10 of some power of ten."""
    power = Decimal(1)
    while milliunits > power * 10:
        power *= 10
    return next((power * step for step in (1, 2, 4, 6, 8, 10) if milliunits <= power * step))
