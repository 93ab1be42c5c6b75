"""The virtual meter: what it takes, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.juice.sts import CrcMismatch, Entered, Meter, NotAToken, Replayed, TokenRefused, TooOld, WrongResource
from standins.juice.sts.misty1 import Misty1
from standins.juice.sts.token import seal_token
from tests.standins.sts.vectors import OTHER_PAN, credit, key, minute

AT = minute("2004-03-01T13:00")


def meter() -> Meter:
    return Meter(key(), base=1993)


class AMeter:
    def test_credits_what_was_bought(self) -> None:
        mine = meter()
        assert mine.enter(credit(units=Decimal("25.6"))) == Entered("credit", Decimal("25.6"), AT)
        assert mine.balance == Decimal("25.6")

    @given(
        tenths=st.integers(1, 16_383),
        random=st.integers(0, 15),
        minutes=st.integers(2, 2**24 - 1),
        subclass=st.integers(0, 2),
    )
    def test_reads_back_whatever_was_issued(self, tenths: int, random: int, minutes: int, subclass: int) -> None:
        units, at = Decimal(tenths) / 10, minute("1993-01-01T00:00") + timedelta(minutes=minutes)
        token = credit(units=units, random=random, subclass=subclass, issued_at=at)
        assert len(token) == 20
        entered = Meter(key(), base=1993, subclass=subclass).enter(token)
        assert entered.units == units
        assert entered.issued_at in (at, at + timedelta(minutes=1))

    def test_takes_a_token_as_it_is_grouped_for_people(self) -> None:
        token = credit()
        grouped = " ".join(token[at : at + 4] for at in range(0, 20, 4))
        assert meter().enter(grouped).kind == "credit"

    def test_refuses_a_token_a_second_time(self) -> None:
        mine = meter()
        mine.enter(credit())
        with pytest.raises(Replayed):
            mine.enter(credit())
        assert mine.balance == Decimal("0.1")

    def test_refuses_another_token_of_the_same_minute(self) -> None:
        mine = meter()
        mine.enter(credit())
        with pytest.raises(Replayed):
            mine.enter(credit(random=6, units=Decimal(50)))

    def test_refuses_a_token_older_than_one_it_took(self) -> None:
        mine, older = meter(), credit(issued_at=AT - timedelta(minutes=1))
        mine.enter(credit())
        with pytest.raises(TooOld):
            mine.enter(older)
        assert mine.balance == Decimal("0.1")

    def test_takes_tokens_in_their_order_of_issue(self) -> None:
        mine = meter()
        for late in (0, 1, 60):
            mine.enter(credit(issued_at=AT + timedelta(minutes=late)))
        assert mine.balance == Decimal("0.3")

    @pytest.mark.parametrize("other", [{"pan": OTHER_PAN}, {"key_revision": 2}, {"tariff_index": "02"}])
    def test_refuses_a_token_for_another_meter_or_key(self, other: dict[str, object]) -> None:
        with pytest.raises(CrcMismatch):
            meter().enter(credit(**other))

    def test_refuses_a_token_for_another_resource(self) -> None:
        with pytest.raises(WrongResource, match="electricity"):
            meter().enter(credit(subclass=1))

    @pytest.mark.parametrize("place", range(20))
    def test_refuses_a_token_with_one_digit_mistyped(self, place: int) -> None:
        token, mine = credit(), meter()
        for step in range(1, 10):
            wrong = token[:place] + str((int(token[place]) + step) % 10) + token[place + 1 :]
            with pytest.raises((CrcMismatch, NotAToken)):
                mine.enter(wrong)
        assert mine.balance == 0

    @pytest.mark.parametrize("text", ["", "1234", "5938632347213742696", "593863234721374269677", "5938632347213742696x"])
    def test_refuses_what_is_not_20_digits(self, text: str) -> None:
        with pytest.raises(NotAToken):
            meter().enter(text)

    def test_refuses_digits_that_other_scripts_write(self) -> None:
        with pytest.raises(NotAToken):
            meter().enter("٥" * 20)

    def test_refuses_more_than_66_bits(self) -> None:
        with pytest.raises(NotAToken):
            meter().enter(str(2**66))

    @pytest.mark.parametrize(("token_class", "subclass"), [(1, 0), (3, 0), (2, 0), (2, 1), (2, 15)])
    def test_refuses_classes_and_orders_it_does_not_know(self, token_class: int, subclass: int) -> None:
        with pytest.raises(NotAToken):
            meter().enter(seal_token(token_class, subclass << 44, Misty1(key())))

    def test_never_repeats_the_digits_in_a_refusal(self) -> None:
        mine, token = meter(), credit()
        mine.enter(token)
        for text in (token, token[:-1], credit(pan=OTHER_PAN)):
            with pytest.raises(TokenRefused) as refused:
                mine.enter(text)
            assert text not in str(refused.value)
