"""The tokens of a sale on an STS meter: key-change tokens first where the meter's key changes, then the credit."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from standins.juice.sts import issue_token, key_change_tokens

IIN = "600727"
"""The issuer of meters with numbers of eleven digits (ISO/IEC 7812)."""

BASE = 2014
KEY_TYPE = 2
TARIFF_INDEX = 1
SUBCLASSES = {"electricity": 0, "water": 1, "gas": 2}


@dataclass(frozen=True)
class Keys:
    """A utility's vending key and the supply group whose meters it is for."""

    vending_key: bytes
    supply_group: str


@dataclass(frozen=True)
class TokenMeter:
    """An STS meter as the issuer knows it. `last_token_at` is the minute of its last token."""

    number: str
    resource: str
    key_revision: int
    next_revision: int
    last_token_at: datetime | None


@dataclass(frozen=True)
class Issued:
    """The tokens in the order in which they must be entered, and the minute of the credit."""

    tokens: tuple[dict[str, Any], ...]
    at: datetime


def luhn(digits: str) -> str:
    """This will give the check digit that belongs behind the digits (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def pan_of(number: str) -> str:
    """This will give the eighteen digits by which a meter's key is derived: issuer, number, check digit."""
    return IIN + number + luhn(IIN + number)


def issue(keys: Keys, meter: TokenMeter, units: Decimal, now: datetime, random: int | None = None) -> Issued:
    """This will make the tokens for a number of units; no two tokens of a meter are of the same minute."""
    at = free_minute(now, meter.last_token_at)
    tokens: list[dict[str, Any]] = []
    if meter.next_revision != meter.key_revision:
        changes = key_change(keys, meter)
        tokens += [{"kind": "key-change", "digits": digits, "order": place} for place, digits in enumerate(changes, 1)]
    credit = issue_token(
        vending_key=keys.vending_key,
        pan=pan_of(meter.number),
        key_revision=meter.next_revision,
        key_type=KEY_TYPE,
        supply_group=keys.supply_group,
        tariff_index=TARIFF_INDEX,
        base=BASE,
        subclass=SUBCLASSES[meter.resource],
        random=secrets.randbelow(16) if random is None else random,
        units=units,
        issued_at=at,
    )
    tokens.append({"kind": "credit", "digits": credit, "order": len(tokens) + 1})
    return Issued(tokens=tuple(tokens), at=at)


def free_minute(now: datetime, last: datetime | None) -> datetime:
    """This will give the minute that a token bears: this one, or the next that has no token and may have one."""
    minute = now.replace(second=0, microsecond=0)
    if last is not None and minute <= last:
        minute = last + timedelta(minutes=1)
    if (minute.hour, minute.minute) == (0, 1):  # kept for special tokens
        minute += timedelta(minutes=1)
    return minute
