"""Money as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import exponent, in_major_units
from domain.purchase_limits import limits
from web.journeys import amounts
from web.journeys.normal import Unusable


class AnAmount:
    @pytest.mark.parametrize(
        ("typed", "minor_units"),
        [
            ("150", 15000),
            (" 150.5 ", 15050),
            ("150,50", 15050),
            ("1 250", 125000),
            ("1\N{NO-BREAK SPACE}250,75", 125075),
            ("1'250.75", 125075),
            ("1\N{RIGHT SINGLE QUOTATION MARK}250", 125000),
            ("1,250", 125000),
            ("1,250.75", 125075),
            ("1.250,75", 125075),
            ("1,250,000", 125000000),
            ("1.250.000", 125000000),
            ("12.30000", 1230),
            ("ZAR 150", 15000),
            ("150 zar", 15000),
            ("R 150", 15000),
            ("r1 250.75", 125075),
            ("\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT FIVE}", 1500),
            ("\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT FIVE}", 1500),
        ],
    )
    def test_is_read_as_people_write_it_here_and_there(self, typed, minor_units):
        assert amounts.amount(typed, "ZAR") == minor_units

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("", amounts.ENTER),
            ("   ", amounts.ENTER),
            ("1.250", amounts.TWO_WAYS),
            ("1.005", amounts.TWO_WAYS),
            ("10.0051", amounts.TOO_FINE),
            ("0.001", amounts.TWO_WAYS),
            ("12.3456", amounts.TOO_FINE),
            *(
                (wrong, amounts.NOT_MONEY)
                for wrong in ("-5", "+5", "1e400", "1_000", "NaN", "Infinity", "0x10", "100R", "5K", "five", "15⁵⁰", "10½", "①00")
            ),
            *((wrong, amounts.NOT_MONEY) for wrong in ("1,2,3", "1 25", "1..5", ".5", "5.", "1,250,75", "1.250.75", "9" * 33)),
        ],
    )
    def test_that_could_be_meant_otherwise_or_not_at_all_is_refused(self, typed, said):
        read = amounts.amount(typed, "ZAR")
        assert isinstance(read, Unusable) and read == said

    def test_has_the_decimals_of_its_currency(self):
        assert amounts.amount("50000", "UGX") == amounts.amount("50,000", "UGX") == amounts.amount("50000.00", "UGX") == 50000
        assert amounts.amount("500.5", "UGX") == amounts.TOO_FINE
        assert amounts.amount("1.5", "KWD") == 1500
        assert amounts.amount("1,500", "KWD") == amounts.amount("1.500", "KWD") == amounts.TWO_WAYS

    @given(st.integers(0, 10**12), st.sampled_from(["ZAR", "UGX", "KWD"]))
    def test_written_plainly_is_read_to_the_minor_unit(self, minor_units, currency):
        written = f"{in_major_units(minor_units, currency):f}"
        if exponent(currency) == 3 and minor_units % 1000 > 0:
            written += "0"  # else its three decimals could be thousands
        assert amounts.amount(written, currency) == minor_units or amounts.amount(written, currency) == amounts.TWO_WAYS

    @given(st.text(max_size=40))
    def test_is_read_exactly_or_refused_whatever_is_typed(self, typed):
        read = amounts.amount(typed, "ZAR")
        assert isinstance(read, Unusable) or read >= 0


class TheLimits:
    @pytest.mark.parametrize("currency", ["ZAR", "UGX", "KWD", "XYZ"])
    def test_are_both_within(self, currency):
        allowed = limits(currency)
        assert amounts.within_limits(allowed.least, currency) == allowed.least
        assert amounts.within_limits(allowed.most, currency) == allowed.most
        assert amounts.within_limits(allowed.least - 1, currency) == amounts.TOO_SMALL
        assert amounts.within_limits(allowed.most + 1, currency) == amounts.TOO_LARGE
