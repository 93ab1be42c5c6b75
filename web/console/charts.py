"""Bars of several parts, one upon the other, drawn as SVG; shades and sizes of letters come from the stylesheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec
from markupsafe import Markup

from web.site.chart import BOTTOM, GAP, HEIGHT, LEFT, RIGHT, TOP, WIDTH, ceiling

SHADES = 6
"""Parts of a bar that can be told apart; the stylesheet has as many, `.s0` the darkest."""


class Part(NamedTuple):
    """What one shade stands for, and how much of it there is in each bar. What is negative is not drawn."""

    name: str
    values: Sequence[int]


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn: a name for each bar, the parts from the bottom up, and what it is counted in."""

    names: Sequence[str]
    parts: Sequence[Part]
    unit: str

    @property
    def highest(self) -> int:
        """The whole of the highest bar."""
        return max((sum(max(part.values[place], 0) for part in self.parts) for place in range(len(self.names))), default=0)


def drawn(bars: Bars, *, key: str, title: str, description: str, number: Callable[[Decimal], str]) -> Markup:
    """This will draw the bars. `key` keeps the ids of several charts on a page apart."""
    top, width = ceiling(bars.highest), Decimal(WIDTH - LEFT - RIGHT) / max(len(bars.names), 1)

    def y(value: Decimal) -> str:
        return f"{TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top):.1f}"

    def letters(kind: str, x: Decimal, at: str, text: str) -> Markup:
        return Markup('<text class="{}" x="{:.0f}" y="{}">{}</text>').format(kind, x, at, text)

    def path(shade: int, lowest: Sequence[Decimal], values: Sequence[int]) -> Markup:
        steps = "".join(
            f"M{LEFT + width * (place + GAP / 2):.1f} {y(low)}V{y(low + value)}h{width * (1 - GAP):.1f}V{y(low)}z"
            for place, (low, value) in enumerate(zip(lowest, values, strict=True))
            if value > 0
        )
        return Markup('<path class="s{}" d="{}"/>').format(shade, steps)

    paths, lowest = [], [Decimal(0)] * len(bars.names)
    for shade, part in enumerate(bars.parts[:SHADES]):
        paths.append(path(shade, lowest, part.values))
        lowest = [low + max(value, 0) for low, value in zip(lowest, part.values, strict=True)]
    lines = [
        Markup('<line class="grid" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>').format(LEFT, WIDTH - RIGHT, y(value))
        for value in (Decimal(0), top / 2, top)
    ]
    marks = [letters("value", Decimal(LEFT - 8), y(value), number(value)) for value in (Decimal(0), top / 2, top)]
    return Markup("").join(
        [
            Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{key}-title {key}-description">').format(
                WIDTH, HEIGHT, key=key
            ),
            Markup('<title id="{0}-title">{1}</title><desc id="{0}-description">{2}</desc>').format(key, title, description),
            letters("unit", Decimal(LEFT), "18", bars.unit),
            *lines,
            *marks,
            *paths,
            *_below(bars.names, width, letters),
            Markup("</svg>"),
        ]
    )


def _below(names: Sequence[str], width: Decimal, letters: Callable[[str, Decimal, str, str], Markup]) -> list[Markup]:
    """The first and the last bar are named, and the middle one where there is room."""
    at = str(HEIGHT - 10)
    if len(names) == 1:
        return [letters("middle", LEFT + width / 2, at, names[0])]
    named = [letters("first", Decimal(LEFT), at, names[0]), letters("last", Decimal(WIDTH - RIGHT), at, names[-1])]
    middle = len(names) // 2
    if len(names) % 2 and len(names) > 2:
        named.append(letters("middle", LEFT + width * (middle + Decimal("0.5")), at, names[middle]))
    return named
