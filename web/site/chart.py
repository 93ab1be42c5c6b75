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

GAP = Decimal("0.28")
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
    width = Decimal(WIDTH - LEFT - RIGHT) / len(shown.days)

    def y(milliunits: Decimal) -> str:
        return f"{TOP + (HEIGHT - TOP - BOTTOM) * (1 - milliunits / top):.1f}"

    def across(kind: str, milliunits: Decimal) -> Markup:
        line = Markup('<line class="{0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"/>')
        return line.format(kind, LEFT, WIDTH - RIGHT, y(milliunits))

    def letters(kind: str, x: Decimal, at: str, text: str) -> Markup:
        return Markup('<text class="{}" x="{:.0f}" y="{}">{}</text>').format(kind, x, at, text)

    bars = "".join(
        f"M{LEFT + width * (place + GAP / 2):.1f} {y(Decimal(0))}V{y(Decimal(used))}h{width * (1 - GAP):.1f}V{y(Decimal(0))}z"
        for place, (_, used) in enumerate(shown.days)
        if used
    )
    first, middle, last = shown.days[0][0], shown.days[len(shown.days) // 2][0], shown.days[-1][0]
    below = str(HEIGHT - 10)
    return Markup("").join(
        [
            Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{key}-title {key}-description">').format(
                WIDTH, HEIGHT, key=key
            ),
            Markup('<title id="{0}-title">{1}</title><desc id="{0}-description">{2}</desc>').format(key, title, description),
            letters("unit", Decimal(LEFT), "18", shown.unit),
            *(across("grid", value) for value in (Decimal(0), top / 2, top)),
            *(letters("value", Decimal(LEFT - 8), y(value), number(value / 1000)) for value in (Decimal(0), top / 2, top)),
            Markup('<path class="bars" d="{}"/>').format(bars),
            across("average", shown.average),
            letters("first", Decimal(LEFT), below, short_day(first)),
            letters("middle", LEFT + width * (len(shown.days) // 2), below, short_day(middle)),
            letters("last", Decimal(WIDTH - RIGHT), below, short_day(last)),
            Markup("</svg>"),
        ]
    )


def ceiling(milliunits: int) -> Decimal:
    """This will give the round number above a value, whose half is round too: 1, 2, 4, 6, 8 or 10 of some power of ten."""
    power = Decimal(1)
    while milliunits > power * 10:
        power *= 10
    return next(power * step for step in (1, 2, 4, 6, 8, 10) if milliunits <= power * step)
