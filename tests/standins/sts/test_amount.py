"""The 16 bits of an amount, and how it rounds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.juice.sts import FieldRefused
from standins.juice.sts.amount import LARGEST_UNITS, decode_amount, encode_amount
from standins.juice.sts.misty1 import Misty1
from standins.juice.sts.token import MANAGEMENT, open_token
from tests.standins.sts.vectors import key, minute

POWER_LIMITS = [
    ("2004-04-01T07:00", 256, "58601433826945463485"),
    ("2004-04-01T07:05", 16_383, "13997395479415026219"),
    ("2004-04-01T07:10", 16_384, "18037738085263294820"),
    ("2004-04-01T07:15", 20_000, "06738975074638745925"),
    ("2004-04-01T07:20", 180_223, "66354091567942569601"),
    ("2004-04-01T07:25", 180_224, "62853351521017859877"),
    ("2004-04-01T07:30", 1_818_623, "40984149905900332649"),
    ("2004-04-01T07:35", 1_818_624, "26882838654580901052"),
    ("2004-04-01T07:40", 18_201_624, "29255956459122361629"),
]
"""CTSA12: limits of power, which are packed as amounts are, at each edge of the exponents."""


class AnAmount:
    @pytest.mark.parametrize(("at", "tenths", "token"), POWER_LIMITS)
    def test_is_packed_as_in_the_published_vectors(self, at: str, tenths: int, token: str) -> None:
        token_class, data = open_token(token, Misty1(key()))
        assert token_class == MANAGEMENT
        assert data >> 16 & 0xFFFFFF == (minute(at) - _BASE).total_seconds() // 60
        assert encode_amount(Decimal(tenths) / 10) == data & 0xFFFF

    @pytest.mark.parametrize(("units", "packed"), [("25.6", 0x0100), ("0.1", 1), ("1638.3", 0x3FFF), ("1638.4", 0x4000)])
    def test_counts_tenths(self, units: str, packed: int) -> None:
        assert encode_amount(Decimal(units)) == packed

    @pytest.mark.parametrize(("units", "given"), [
        ("0.01", "0.1"),
        ("25.61", "25.7"),
        ("0.10000000000000000000000000000000000001", "0.2"),
        ("1638.5", "1639.4"),
        ("18022.3", "18022.4"),
        ("181862.5", "181962.4"),
    ])  # fmt: skip
    def test_is_rounded_up_to_what_fits(self, units: str, given: str) -> None:
        assert decode_amount(encode_amount(Decimal(units))) == Decimal(given)

    @given(st.integers(0, 2**16 - 1))
    def test_comes_back_as_it_was_packed(self, packed: int) -> None:
        units = decode_amount(packed)
        assert units == 0 or encode_amount(units) == packed

    @given(st.decimals(min_value="0.000001", max_value=LARGEST_UNITS, allow_nan=False))
    def test_never_gives_less_than_was_paid_for_nor_a_step_more(self, units: Decimal) -> None:
        packed = encode_amount(units)
        assert decode_amount(packed) >= units
        assert decode_amount(packed - 1) < units

    @pytest.mark.parametrize("units", ["0", "-0.1", "1820162.41", "NaN", "sNaN", "Infinity", "-Infinity"])
    def test_is_refused_where_it_cannot_be_a_credit(self, units: str) -> None:
        with pytest.raises(FieldRefused) as refused:
            encode_amount(Decimal(units))
        assert refused.value.field == "units"


_BASE: datetime = minute("1993-01-01T00:00")
