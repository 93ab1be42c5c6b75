from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.journeys.paid_off import LONGEST, paid_off_on

TODAY = date(2026, 11, 22)
LONG_AGO = date(2024, 1, 1)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


class ADebt:
    def test_is_paid_off_when_its_pace_says(self) -> None:
        # 900 in 90 days are 10 a day.
        payments = [(ago(80), 300), (ago(50), 300), (ago(10), 300)]
        assert paid_off_on(450, LONG_AGO, payments, TODAY) == TODAY + timedelta(days=45)
        assert paid_off_on(451, LONG_AGO, payments, TODAY) == TODAY + timedelta(days=46)

    def test_that_is_young_has_the_pace_of_its_own_days(self) -> None:
        assert paid_off_on(100, ago(20), [(ago(20), 100), (ago(5), 100)], TODAY) == TODAY + timedelta(days=10)

    @pytest.mark.parametrize(
        ("balance", "opened_on", "payments"),
        [
            (0, LONG_AGO, [(ago(20), 10), (ago(5), 10)]),
            (100, LONG_AGO, []),
            (100, LONG_AGO, [(ago(20), 10)]),
            (100, LONG_AGO, [(ago(120), 10), (ago(100), 10)]),
            (100, LONG_AGO, [(ago(20), 10), (ago(15), 10), (ago(5), -20)]),
            (100, LONG_AGO, [(ago(20), 10), (TODAY + timedelta(days=1), 10)]),
            (100, ago(13), [(ago(12), 10), (ago(5), 10)]),
            (10**9, LONG_AGO, [(ago(20), 1), (ago(5), 1)]),
        ],
        ids=["paid", "never", "once", "long ago", "taken back", "in days to come", "too young", "in a lifetime"],
    )
    def test_of_which_nothing_can_be_known_has_no_day(
        self, balance: int, opened_on: date, payments: list[tuple[date, int]]
    ) -> None:
        assert paid_off_on(balance, opened_on, payments, TODAY) is None

    @given(
        st.integers(-5, 10**12),
        st.dates(max_value=TODAY),
        st.lists(st.tuples(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.integers(-(10**9), 10**9)), max_size=9),
    )
    def test_is_paid_off_after_today_and_within_ten_years_or_nobody_knows(
        self, balance: int, opened_on: date, payments: list[tuple[date, int]]
    ) -> None:
        found = paid_off_on(balance, opened_on, payments, TODAY)
        assert found is None or TODAY < found <= TODAY + LONGEST
