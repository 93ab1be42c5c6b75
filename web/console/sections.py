"""What an analysis is made of on the console: a sentence, a chart with its legend, a table, and a link to all of it as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from babel.numbers import format_compact_decimal
from markupsafe import Markup

from domain.money import in_major_units
from projections.periods import Period
from web.console.charts import Bars, Part, drawn
from web.site.writing import Writing
from wording.catalogue import N_

Row = tuple[str, ...]

NOTHING = "–"


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One analysis as the page shows it; `drawing` is None where there is nothing to draw."""

    name: str
    heading: str
    says: str
    drawing: Markup | None
    legend: tuple[str, ...]
    columns: Row
    rows: tuple[Row, ...]


class Asked(NamedTuple):
    """What a section is made for: the reader, the periods, and the utility's currency, which is the one that is drawn."""

    write: Writing
    periods: Sequence[Period]
    currency: str

    def span(self) -> str:
        """This will name the days that are shown."""
        days = {"first": self.write.day(self.periods[0].first), "last": self.write.day(self.periods[-1].last)}
        return self.write.gettext("%(first)s to %(last)s") % days

    def names(self) -> list[str]:
        """This will name each bar, in few characters."""
        return [self.write.short_day(period.first) for period in self.periods]

    def period(self, first: date, last: date) -> str:
        """This will name a period in a table."""
        if first == last:
            return self.write.day(first)
        return f"{self.write.short_day(first)} – {self.write.day(last)}"

    def sums(self, rows: Iterable[Any], number: Callable[[Any], int]) -> list[int]:
        """This will add up, for each period, a number of its rows."""
        added: dict[date, int] = {}
        for row in rows:
            added[row.period] = added.get(row.period, 0) + number(row)
        return [added.get(period.first, 0) for period in self.periods]


def section(
    asked: Asked,
    name: str,
    heading: str,
    says: str,
    parts: Sequence[Part],
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    is_money: bool,
    names: Sequence[str] | None = None,
) -> Section:
    """This will put a section together. `columns` are marked for translation; `names` are the bars' where not the periods'."""
    write = asked.write
    unit = asked.currency if is_money else write.gettext("how many")
    bars = Bars(names=names or asked.names(), parts=parts, unit=unit)
    heading = write.gettext(heading)

    def number(value: Decimal) -> str:
        shown = in_major_units(int(value), asked.currency) if is_money else value
        return format_compact_decimal(shown, locale=write.language, fraction_digits=1)

    description = f"{asked.span()}. {says}"
    return Section(
        name=name,
        heading=heading,
        says=says,
        drawing=drawn(bars, key=name, title=heading, description=description, number=number) if bars.highest else None,
        legend=tuple(part.name for part in parts),
        columns=tuple(map(write.gettext, columns)),
        rows=tuple(rows),
    )


def or_dash(value: Decimal | None, written: Callable[[Decimal], str]) -> str:
    """This will write a value that there may be none of."""
    return NOTHING if value is None else written(value)


PERIOD = N_("Period")
