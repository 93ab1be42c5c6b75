"""The minute in a token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.juice.sts import FieldRefused, first_free_minute, token_identifier
from tests.standins.sts.vectors import minute


class ATokenIdentifier:
    @pytest.mark.parametrize(("at", "base", "count"), [
        ("1993-01-01T00:00", 1993, 0),
        ("2004-03-01T13:00", 1993, 5_871_660),
        ("2014-01-01T08:00", 2014, 480),
        ("2035-01-01T08:10", 2035, 490),
        ("2024-11-24T20:15", 1993, 2**24 - 1),
    ])  # fmt: skip
    def test_counts_the_minutes_since_its_base_date(self, at: str, base: int, count: int) -> None:
        assert token_identifier(minute(at), base=base) == count

    def test_leaves_seconds_out(self) -> None:
        assert token_identifier(datetime(2014, 1, 1, 8, 0, 59, 999_999, tzinfo=UTC), base=2014) == 480

    def test_counts_in_utc(self) -> None:
        here = datetime(2014, 1, 1, 10, 0, tzinfo=timezone(timedelta(hours=2)))
        assert token_identifier(here, base=2014) == 480

    @pytest.mark.parametrize("day", ["1993-01-01", "2004-03-29", "2020-02-29"])
    def test_steps_over_the_reserved_minute_of_each_day(self, day: str) -> None:
        counts = [token_identifier(minute(f"{day}T00:0{m}"), base=1993) for m in range(4)]
        assert [count - counts[0] for count in counts] == [0, 2, 2, 3]

    @pytest.mark.parametrize(("at", "base"), [
        ("1992-12-31T23:59", 1993),
        ("2013-12-31T23:59", 2014),
        ("2034-12-31T23:59", 2035),
        ("2024-11-24T20:16", 1993),
    ])  # fmt: skip
    def test_is_refused_outside_its_24_bits(self, at: str, base: int) -> None:
        with pytest.raises(FieldRefused) as refused:
            token_identifier(minute(at), base=base)
        assert refused.value.field == "issued_at"

    def test_is_refused_for_a_time_without_a_zone(self) -> None:
        with pytest.raises(FieldRefused, match="issued_at"):
            token_identifier(datetime(2014, 1, 1), base=2014)  # noqa: DTZ001


class AVendorWhoSellsQuickly:
    @given(start=st.integers(0, 10_000), sales=st.lists(st.integers(0, 3), min_size=1, max_size=30))
    def test_gives_every_token_a_later_identifier(self, start: int, sales: list[int]) -> None:
        now, last = minute("2014-01-01T00:00") + timedelta(minutes=start), None
        for pause in sales:
            now += timedelta(minutes=pause)
            at = first_free_minute(now, base=2014, last=last)
            identifier = token_identifier(at, base=2014)
            assert at >= now
            assert last is None or identifier > last
            last = identifier
