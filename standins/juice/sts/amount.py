"""The amount of a credit token: tenths of a unit (kWh, kl, m³) in 16 bits, an exponent of 2 and a mantissa of 14.

Each exponent starts one step above where the one below it ends, so every amount has one form:
10^e * m + the sum of 2^14 * 10^(n-1) for n from 1 to e.
"""

from __future__ import annotations

from decimal import MAX_PREC, ROUND_CEILING, Context, Decimal

from standins.juice.sts.fields import FieldRefused

_MANTISSA_BITS = 14
_LARGEST_MANTISSA = 2**_MANTISSA_BITS - 1
_STEPS = (1, 10, 100, 1_000)
_STARTS = (0, 16_384, 180_224, 1_818_624)
_EXACT = Context(prec=MAX_PREC)

LARGEST_UNITS = Decimal(_STARTS[3] + _STEPS[3] * _LARGEST_MANTISSA) / 10


def encode_amount(units: Decimal) -> int:
    """This will pack units into 16 bits, rounded up to what fits: never less than was paid for (IEC 62055-41, 6.3.6).

    Raises FieldRefused where units are not a finite amount above zero and up to 1,820,162.4.
    """
    if not isinstance(units, Decimal) or not units.is_finite() or not 0 < units <= LARGEST_UNITS:
        raise FieldRefused("units", f"must be more than 0 and at most {LARGEST_UNITS}")
    tenths = int(units.scaleb(1, context=_EXACT).to_integral_value(ROUND_CEILING))
    exponent = next(e for e in range(4) if tenths <= _STARTS[e] + _STEPS[e] * _LARGEST_MANTISSA)
    mantissa = -((_STARTS[exponent] - tenths) // _STEPS[exponent])
    return exponent << _MANTISSA_BITS | max(mantissa, 0)


def decode_amount(amount: int) -> Decimal:
    """This will unpack 16 bits into units."""
    exponent, mantissa = amount >> _MANTISSA_BITS, amount & _LARGEST_MANTISSA
    return Decimal(_STEPS[exponent] * mantissa + _STARTS[exponent]) / 10
