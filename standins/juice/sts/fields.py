"""The checks every STS field passes before it is packed: the error names the field and what it must be.

No error repeats a value: one of the fields is a secret.
"""

from __future__ import annotations


class FieldRefused(ValueError):
    """A field of a token or a key is not what the standard allows."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem


def whole(field: str, value: object, low: int, high: int) -> int:
    """This will pass a whole number from `low` to `high`; a truth value is no number. Raises FieldRefused."""
    if type(value) is not int or not low <= value <= high:
        raise FieldRefused(field, f"must be a whole number from {low} to {high}")
    return value


def digits(field: str, value: object, count: int) -> str:
    """This will pass a string of exactly `count` digits 0-9. Raises FieldRefused."""
    if not isinstance(value, str) or len(value) != count or not (value.isascii() and value.isdigit()):
        raise FieldRefused(field, f"must be a string of {count} digits")
    return value


def meter_pan(field: str, value: object) -> str:
    """This will pass a meter's primary account number: issuer 6, decoder reference 11, check digit 1.

    Raises FieldRefused where there are not 18 digits, or the last is not the Luhn check digit (ISO/IEC 7812-1).
    """
    pan = digits(field, value, 18)
    if _luhn_sum(pan) % 10 != 0:
        raise FieldRefused(field, "must end in its Luhn check digit")
    return pan


def secret(field: str, value: object, length: int) -> bytes:
    """This will pass a key of exactly `length` bytes. Raises FieldRefused."""
    if not isinstance(value, bytes) or len(value) != length:
        raise FieldRefused(field, f"must have {length} bytes")
    return value


def _luhn_sum(number: str) -> int:
    doubled = (int(digit) * 2 for digit in number[-2::-2])
    return sum(map(int, number[-1::-2])) + sum(twice - 9 if twice > 9 else twice for twice in doubled)
