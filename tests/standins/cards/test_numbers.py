"""What may be typed on the page to pay on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.cards.numbers import TEST_CARDS, Typed, luhn

TODAY = datetime(2026, 11, 22, tzinfo=UTC)


def wrong(number: str = "4242 4242 4242 4242", expiry: str = "12/30", cvc: str = "123", name: str = "A. Payer") -> set[str]:
    typed = Typed(number, expiry, cvc, name)
    typed.check(TODAY)
    return set(typed.errors)


class ACardNumber:
    @given(place=st.integers(0, 15), by=st.integers(1, 9))
    def test_with_one_wrong_digit_is_found_out(self, place: int, by: int) -> None:
        for number in TEST_CARDS:
            changed = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
            assert luhn(number) and not luhn(changed)

    @pytest.mark.parametrize("number", ["", "4242", "4242 4242 4242 4241", "4242424242424242424242", "four", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"])
    def test_that_cannot_be_one_is_asked_for_again(self, number: str) -> None:
        assert wrong(number=number) == {"number"}

    def test_may_be_written_in_groups(self) -> None:
        assert not wrong() | wrong(number="4242-4242-4242-4242") | wrong(number="4242424242424242")

    def test_that_is_no_test_card_is_declined_and_nothing_of_it_is_kept(self) -> None:
        outcome = Typed("4111 1111 1111 1111", "12/30", "123", "A").outcome()
        assert (outcome.decline, outcome.last4, outcome.brand) == ("test_mode_live_card", "0000", "unknown")


class AnExpiry:
    @pytest.mark.parametrize("expiry", ["11/26", "11 / 26", "1126", "11/2026", "1/27", "12.40"])
    def test_is_good_to_the_end_of_its_month(self, expiry: str) -> None:
        assert not wrong(expiry=expiry)

    @pytest.mark.parametrize("expiry", ["10/26", "11/25", "13/30", "0/30", "", "soon", "2030/12"])
    def test_that_is_over_or_none_is_asked_for_again(self, expiry: str) -> None:
        assert wrong(expiry=expiry) == {"expiry"}


class ASecurityCode:
    @pytest.mark.parametrize("cvc", ["", "12", "1234", "abc"])
    def test_has_three_digits(self, cvc: str) -> None:
        assert wrong(cvc=cvc) == {"cvc"}


class WhatWasTyped:
    def test_is_not_shown_in_its_repr(self) -> None:
        assert "4242" not in repr(Typed("4242424242424242", "12/30", "123", "A")) and "123" not in repr(Typed("", "", "123", ""))
