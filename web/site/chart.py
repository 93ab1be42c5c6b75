"""Usage as bars with its average, drawn as SVG; colours and sizes of letters come from the stylesheet."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup

from web.journeys.usage import month_before

DAYS = 30
MONTHS = 12
WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 4, 28, 40
"""Room for the letters, which are twice as large on a phone."""

GAP = Decimal("0.28")
"""The share of a bar's place that stays empty beside it."""


@dataclass(frozen=True, kw_only=True)
class Bars:
    """A bar for each day or month (by its first day), oldest first; None where it was not told."""

    bars: tuple[tuple[date, int | None], ...]
    unit: str

    @property
    def average(self) -> Decimal:
        """The average of what is known, in thousandths of the unit."""
        known = [used for _, used in self.bars if used is not None]
        return Decimal(sum(known)) / len(known) if known else Decimal(0)

    @property
    def total(self) -> int:
        """All together, in thousandths of the unit."""
        return sum(used or 0 for _, used in self.bars)


def latest(days: Mapping[date, int], unit: str) -> Bars | None:
    """This will take the 30 days up to the last one that is known; None where nothing is known."""
    return _days(days, unit, max(days) - timedelta(DAYS - 1), DAYS) if days else None


def of_month(days: Mapping[date, int], unit: str, month: date) -> Bars:
    """This will take the days of a month."""
    return _days(days, unit, month, monthrange(month.year, month.month)[1])


def year(months: Mapping[date, int], unit: str) -> Bars:
    """This will take the twelve months up to the last one that is known; of fewer, those since the first."""
    last = max(months)
    shown = [month for month in (month_before(last, count) for count in range(MONTHS - 1, -1, -1)) if month >= min(months)]
    return Bars(bars=tuple((month, months.get(month)) for month in shown), unit=unit)


def _days(days: Mapping[date, int], unit: str, first: date, count: int) -> Bars:
    return Bars(bars=tuple((day, days.get(day)) for day in (first + timedelta(n) for n in range(count))), unit=unit)


def drawn(
    shown: Bars,
    *,
    key: str,
    title: str,
    description: str,
    label: Callable[[date], str],
    number: Callable[[Decimal], str],
    with_average: bool = True,
) -> Markup:
    """This will draw the chart. `key` keeps the ids of several charts on a page apart."""
    top = ceiling(max((used or 0 for _, used in shown.bars), default=0))
    width = Decimal(WIDTH - LEFT - RIGHT) / len(shown.bars)

    def y(milliunits: Decimal) -> str:
        return f"{TOP + (HEIGHT - TOP - BOTTOM) * (1 - milliunits / top):.1f}"

    def across(kind: str, milliunits: Decimal) -> Markup:
        line = Markup('<line class="{0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"/>')
        return line.format(kind, LEFT, WIDTH - RIGHT, y(milliunits))

    def letters(kind: str, x: Decimal, at: str, text: str) -> Markup:
        return Markup('<text class="{}" x="{:.0f}" y="{}">{}</text>').format(kind, x, at, text)

    bars = "".join(
        f"M{LEFT + width * (place + GAP / 2):.1f} {y(Decimal(0))}V{y(Decimal(used))}h{width * (1 - GAP):.1f}V{y(Decimal(0))}z"
        for place, (_, used) in enumerate(shown.bars)
        if used
    )
    first, middle, last = shown.bars[0][0], shown.bars[len(shown.bars) // 2][0], shown.bars[-1][0]
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
            *([across("average", shown.average)] if with_average else []),
            letters("first", Decimal(LEFT), below, label(first)),
            *(
                [letters("middle", LEFT + width * (len(shown.bars) // 2 + Decimal("0.5")), below, label(middle))]
                if len(shown.bars) > 4
                else []
            ),
            letters("last", Decimal(WIDTH - RIGHT), below, label(last)),
            Markup("</svg>"),
        ]
    )


def ceiling(milliunits: int) -> Decimal:
    """This will give the round number above a value, whose half is round too: 1, 2, 4, 6, 8 or 10 of some power of ten."""
    power = Decimal(1)
    while milliunits > power * 10:
        power *= 10
    return next(power * step for step in (1, 2, 4, 6, 8, 10) if milliunits <= power * step)
