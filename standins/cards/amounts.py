"""Amounts in Stripe's units: which it takes, and how people read them."""

from __future__ import annotations

from standins.cards.errors import Refused, bad_parameter

NO_DECIMALS = frozenset(["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"])
THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
WHOLE_IN_HUNDREDTHS = frozenset(["ISK", "UGX"])
"""Written with two decimals, which are always 00."""

LEAST, MOST = 50, 999_999_999_999


def check(amount: int, currency: str) -> None:
    """This will see that such an amount can be charged. Raises Refused."""
    param = "line_items[0][price_data][unit_amount]"
    if amount < LEAST:
        message = f"The Checkout Session's total amount must be at least {shown(LEAST, currency)}."
        raise Refused(400, "invalid_request_error", message, code="amount_too_small")
    if amount > MOST:
        message = f"The Checkout Session's total amount must be no more than {shown(MOST, currency)}."
        raise Refused(400, "invalid_request_error", message, code="amount_too_large")
    if currency.upper() in THREE_DECIMALS and amount % 10:
        raise bad_parameter(param, f"Amounts in {currency} end in 0.", "parameter_invalid_integer")
    if currency.upper() in WHOLE_IN_HUNDREDTHS and amount % 100:
        raise bad_parameter(param, f"Amounts in {currency} end in 00.", "parameter_invalid_integer")


def shown(amount: int, currency: str) -> str:
    """This will write an amount with its currency."""
    code = currency.upper()
    if code in WHOLE_IN_HUNDREDTHS:
        return f"{code} {amount // 100:,}"
    places = 0 if code in NO_DECIMALS else 3 if code in THREE_DECIMALS else 2
    whole, part = divmod(amount, 10**places)
    return f"{code} {whole:,}" + (f".{part:0{places}}" if places else "")
