"""How little and how much one purchase by credit card may be of, in each currency.

The least is about what the providers of card payments ask for at least (half a US dollar), rounded up to what people pay with,
so that nobody is led to a payment page that will refuse them. The most is a few hundred US dollars: some months of a household's
power, above which a stolen card is the likelier story and a bank transfer the better way.
"""

from __future__ import annotations

import msgspec

from domain.aggregate import Refusal
from domain.money import exponent


class Limits(msgspec.Struct, frozen=True):
    """The least and the most, both allowed, in minor units."""

    least: int
    most: int


_IN_MAJOR_UNITS = {
    **dict.fromkeys(("USD", "EUR", "GBP", "AUD", "CAD", "CHF"), (1, 500)),
    "BWP": (10, 7_000),
    "GHS": (10, 6_000),
    "INR": (50, 50_000),
    "KES": (100, 70_000),
    "MWK": (2_000, 1_000_000),
    "MZN": (50, 35_000),
    "NAD": (10, 10_000),
    "NGN": (1_000, 750_000),
    "RWF": (1_000, 700_000),
    "TZS": (2_000, 1_300_000),
    "UGX": (2_000, 2_000_000),
    "XAF": (500, 300_000),
    "XOF": (500, 300_000),
    "ZAR": (10, 10_000),
    "ZMW": (20, 12_000),
}

_ELSEWHERE = (1, 500)
"""For a currency that nobody has thought of: tight, and what is below the provider's least the provider refuses."""


class AmountTooSmall(Refusal):
    """The amount is below the least that a card is charged for."""


class AmountTooLarge(Refusal):
    """The amount is above the most that a card is charged for at once."""


def limits(currency: str) -> Limits:
    """This will give the least and the most of a currency (ISO 4217)."""
    least, most = _IN_MAJOR_UNITS.get(currency, _ELSEWHERE)
    places: int = 10 ** exponent(currency)
    return Limits(least * places, most * places)


def check(amount: int, currency: str) -> None:
    """This will raise AmountTooSmall or AmountTooLarge."""
    allowed = limits(currency)
    if amount < allowed.least:
        raise AmountTooSmall
    if amount > allowed.most:
        raise AmountTooLarge
