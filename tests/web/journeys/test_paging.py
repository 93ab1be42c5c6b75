from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.journeys.paging import BY_ID, BY_POSITION, EPOCH, cut

MOMENTS = st.datetimes(min_value=EPOCH.replace(tzinfo=None), max_value=datetime(5000, 1, 1), timezones=st.just(UTC))


class ACursor:
    @given(MOMENTS, st.integers(0, 10**18 - 1))
    def test_names_one_place_by_position(self, at: datetime, position: int) -> None:
        assert BY_POSITION.read(BY_POSITION.write(at, position)) == (at, position)

    @given(MOMENTS, st.uuids())
    def test_names_one_place_by_id(self, at: datetime, id: UUID) -> None:
        assert BY_ID.read(BY_ID.write(at, id)) == (at, id)

    @pytest.mark.parametrize("cursor", [BY_POSITION, BY_ID])
    def test_has_an_example_of_its_own_form(self, cursor: object) -> None:
        assert cursor.write(*cursor.read(cursor.example)) == cursor.example  # type: ignore[attr-defined]

    @pytest.mark.parametrize("text", ["", "1", "1.", "01.2", "1.02", "1.2\n", "-1.2", "1.٣", "9" * 18 + ".1", "1." + "9" * 19])
    def test_has_no_other_form(self, text: str) -> None:
        with pytest.raises(ValueError, match="no cursor"):
            BY_POSITION.read(text)


class APage:
    def test_of_a_list_is_followed_by_the_next_until_its_end_without_gap_or_repetition(self) -> None:
        rows = [(EPOCH + timedelta(days=9 - n // 2), 9 - n) for n in range(9)]
        seen: list[tuple[datetime, int]] = []
        before: tuple[datetime, int] | None = None
        while True:
            page = cut([row for row in rows if before is None or row < before][:4], 3, lambda row: BY_POSITION.write(*row))
            seen += page.items
            if page.next is None:
                break
            before = BY_POSITION.read(page.next)
        assert seen == rows

    def test_that_is_just_full_is_the_last(self) -> None:
        assert cut([1, 2, 3], 3, str).next is None
