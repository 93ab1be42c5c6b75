"""Amounts as Stripe writes them: in minor units too, but not always in those of ISO 4217 (docs/cards.md)."""

from __future__ import annotations

from typing import Final

from domain.money import exponent
from vending.card_provider import AmountNotChargeable, ProviderSilent

PLACES: Final = {"ISK": 2, "UGX": 2, "MGA": 0}
"""Where Stripe's number of decimals is another than ISO's: 5 UGX are 500 to Stripe, with 00 at the end always."""


def to_stripe(amount: int, currency: str) -> int:
    """This will give what Stripe calls an amount in minor units. Raises AmountNotChargeable where it cannot be said to Stripe."""
    charged, left = _scaled(amount, PLACES.get(currency, exponent(currency)) - exponent(currency))
    # Of three decimals Stripe wants the last to be 0.
    if left or charged <= 0 or (exponent(currency) == 3 and charged % 10):
        raise AmountNotChargeable("amount_not_chargeable")
    return charged


def from_stripe(amount: int, currency: str) -> int:
    """This will give the minor units of what Stripe calls an amount. Raises ProviderSilent where there is no such amount."""
    told, left = _scaled(amount, exponent(currency) - PLACES.get(currency, exponent(currency)))
    if left:
        raise ProviderSilent("Stripe's reply cannot be read: an amount has decimals that its currency has not")
    return told


def _scaled(amount: int, places: int) -> tuple[int, int]:
    """The amount with so many decimals more, or less, and what that would leave out."""
    return (amount * 10**places, 0) if places >= 0 else divmod(amount, 10**-places)
