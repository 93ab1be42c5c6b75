from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.meter import Meter
from projections.usage_months import UsageMonth
from web.journeys.usage import latest_days, meters_of, month_before

POWER, WATER, GONE = UUID(int=1), UUID(int=2), UUID(int=3)
METERS = {
    WATER: Meter(meter_id=WATER, number="1", kind="AMI", resource="water", unit="kl"),
    POWER: Meter(meter_id=POWER, number="2", kind="STS", resource="electricity", unit="kWh"),
}


def month(year: int, number: int, each: int, days: int = 28, meter_id: UUID = POWER, resource: str = "electricity") -> UsageMonth:
    return UsageMonth(
        account_id=UUID(int=9),
        meter_id=meter_id,
        month=date(year, number, 1),
        resource=resource,
        unit="kWh",
        milliunits=each * days,
        days={day + 1: each for day in range(days)},
    )


class AMonth:
    def test_is_compared_by_the_average_day_with_the_one_before_and_last_years(self) -> None:
        known = [month(2025, 3, 4000), month(2026, 2, 2000, 20), month(2026, 3, 3000, 10)]
        (meter,) = meters_of(known, METERS, date(2025, 12, 1))
        march, february = meter.months
        assert (march.than_before, march.than_last_year) == (50, -25)
        assert (february.than_before, february.than_last_year) == (None, None)
        assert (march.milliunits, march.average, march.days_known) == (30_000, 3000, 10)

    def test_of_few_days_is_compared_with_none(self) -> None:
        known = [month(2026, 1, 1000, 6), month(2026, 2, 1000), month(2026, 3, 1000, 6)]
        (meter,) = meters_of(known, METERS, date(2026, 1, 1))
        assert [(each.than_before, each.than_last_year) for each in meter.months] == [(None, None)] * 3

    def test_that_used_nothing_is_no_measure(self) -> None:
        (meter,) = meters_of([month(2026, 1, 0), month(2026, 2, 1000)], METERS, date(2026, 1, 1))
        assert meter.months[0].than_before is None

    def test_lies_before_another_also_over_new_year(self) -> None:
        assert month_before(date(2026, 1, 31)) == date(2025, 12, 1)
        assert month_before(date(2026, 3, 15), 12) == date(2025, 3, 1)
        assert month_before(date(2026, 3, 15), 0) == date(2026, 3, 1)


class Meters:
    def test_stand_electricity_first_and_former_ones_last(self) -> None:
        known = [
            month(2026, 3, 1, meter_id=POWER),
            month(2026, 3, 1, meter_id=WATER, resource="water"),
            month(2026, 3, 1, meter_id=GONE),
        ]
        assert [each.meter_id for each in meters_of(known, METERS, date(2026, 1, 1))] == [POWER, WATER, GONE]

    def test_without_a_month_that_is_shown_are_left_out(self) -> None:
        assert meters_of([month(2024, 3, 1)], METERS, date(2026, 1, 1)) == []

    def test_show_their_latest_days(self) -> None:
        (meter,) = meters_of([month(2026, 2, 1000), month(2026, 3, 2000, 3)], METERS, date(2026, 1, 1))
        assert list(latest_days(meter, 5)) == [date(2026, 2, 27), date(2026, 2, 28), *(date(2026, 3, n) for n in (1, 2, 3))]
