"""Money is counted in minor units; what one is worth, its currency says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.money import exponent, in_major_units


class ACurrency:
    @pytest.mark.parametrize(("currency", "places"), [("KES", 2), ("UGX", 0), ("KWD", 3), ("IQD", 3), ("MGA", 2), ("CLF", 4)])
    def test_has_the_decimal_places_of_iso_4217(self, currency, places):
        assert exponent(currency) == places


class AnAmount:
    def test_is_exact(self):
        assert in_major_units(-(10**20) - 1, "ZAR") == Decimal("-1000000000000000000.01")
