"""How much of what is owed is recovered? Period by period: what was owed at first, what came and went, what was left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import msgspec
from psycopg import sql

from projections.arrears_ageing import MOVEMENTS
from projections.periods import PERIODS, Period, columns, sums
from projections.view import View

CENT = Decimal("0.01")


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """One period: opening + added + adjusted - collected = closing. Money in minor units."""

    period: date
    until: date
    currency: str
    opening: int
    added: int
    adjusted: int
    collected: int
    closing: int

    @property
    def rate(self) -> Decimal | None:
        """What was collected, in percent of what was owed at first; None where nothing was."""
        return (Decimal(100 * self.collected) / self.opening).quantize(CENT) if self.opening > 0 else None


class RecoveryView(View):
    """Reads how arrears were recovered."""

    async def of(self, wanted: Sequence[Period], *, as_of: date) -> list[Recovered]:
        """This will give each of the periods, which follow each other, as it was known at the end of a day."""
        if not wanted:
            return []
        query = sql.SQL(
            "SELECT period.first, period.last, currency, {sums} FROM {periods}"
            " JOIN {table} ON day BETWEEN period.first AND period.last AND known_on <= %(as_of)s GROUP BY 1, 2, 3"
        ).format(sums=sums(("added", "adjusted", "collected")), periods=PERIODS, table=self.place.of(MOVEMENTS.name))
        before = Period(date.min, wanted[0].first - timedelta(days=1))
        first, last = columns([before, *wanted])
        rows = await self.rows(query, {"first": first, "last": last, "as_of": as_of})
        found = {(begin, currency): changes for begin, _, currency, *changes in rows}
        made = [_rolled(before, wanted, currency, found) for currency in sorted({currency for _, currency in found})]
        return [each for together in zip(*made, strict=True) for each in together]


def _rolled(before: Period, wanted: Sequence[Period], currency: str, found: dict[tuple[date, str], list[int]]) -> list[Recovered]:
    """Each period opens with what the one before closed with."""
    rows, opening = [], 0
    for period in (before, *wanted):
        added, adjusted, collected = found.get((period.first, currency), (0, 0, 0))
        closing = opening + added + adjusted - collected
        rows.append(
            Recovered(
                period=period.first,
                until=period.last,
                currency=currency,
                opening=opening,
                added=added,
                adjusted=adjusted,
                collected=collected,
                closing=closing,
            )
        )
        opening = closing
    return rows[1:]
