"""Money as people read it. Everywhere else it is an integer in minor units of an ISO 4217 currency."""

from __future__ import annotations

from decimal import Decimal

_PLACES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENT = {currency: places for places, currencies in _PLACES.items() for currency in currencies.split()}


def exponent(currency: str) -> int:
    """This will give the number of decimal places of a currency (ISO 4217, list one: 2 unless said otherwise).

    CLDR's numbers of decimals are no substitute: they say how prices are usually printed, and have 0 for money that is counted
    in hundredths.
    """
    return _EXPONENT.get(currency, 2)


def in_major_units(amount: int, currency: str) -> Decimal:
    """This will turn minor units into the currency's own: 12345 KES are 123.45, 12345 UGX are 12345."""
    return Decimal(amount).scaleb(-exponent(currency))
