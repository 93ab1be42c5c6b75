"""Amounts on their way to Stripe and back: what is charged is what was asked for, whatever the decimals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vending.card_provider import AmountNotChargeable, ProviderSilent
from vending.stripe_money import from_stripe, to_stripe

CURRENCIES = ["ZAR", "KES", "USD", "JPY", "XOF", "RWF", "UGX", "ISK", "MGA", "KWD", "TND", "HUF", "TWD"]


class AnAmount:
    @pytest.mark.parametrize(
        ("amount", "currency", "charged"),
        [
            (12345, "ZAR", 12345),
            (500, "JPY", 500),
            (500, "XOF", 500),
            (5, "UGX", 500),
            (5, "ISK", 500),
            (500, "MGA", 5),
            (12340, "KWD", 12340),
        ],
    )
    def test_is_written_as_stripe_has_it(self, amount: int, currency: str, charged: int) -> None:
        assert to_stripe(amount, currency) == charged and from_stripe(charged, currency) == amount

    @given(amount=st.integers(-10, 10**12), currency=st.sampled_from(CURRENCIES))
    def test_comes_back_as_it_went_or_never_goes(self, amount: int, currency: str) -> None:
        try:
            charged = to_stripe(amount, currency)
        except AmountNotChargeable:
            return
        assert from_stripe(charged, currency) == amount > 0

    @pytest.mark.parametrize(("amount", "currency"), [(0, "ZAR"), (-5, "ZAR"), (12345, "KWD"), (150, "MGA")])
    def test_that_stripe_does_not_know_never_goes(self, amount: int, currency: str) -> None:
        with pytest.raises(AmountNotChargeable):
            to_stripe(amount, currency)

    @pytest.mark.parametrize("currency", ["ISK", "UGX"])
    def test_with_decimals_that_there_are_not_is_not_believed(self, currency: str) -> None:
        with pytest.raises(ProviderSilent):
            from_stripe(150, currency)
