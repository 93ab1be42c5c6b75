"""The tokens of a sale on an STS meter: key-change tokens first where the meter's key changes, then the credit."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from standins.juice.sts import derive_key, first_free_minute, issue_token, key_change_tokens, token_identifier

IIN = "600727"
"""The issuer of meters with numbers of eleven digits (ISO/IEC 7812)."""

BASE = 2014
KEY_TYPE = 2
TARIFF_INDEX = "01"
SUBCLASSES = {"electricity": 0, "water": 1, "gas": 2}


@dataclass(frozen=True)
class Keys:
    """A utility's vending key and the supply group whose meters it is for."""

    vending_key: bytes
    supply_group: str


@dataclass(frozen=True)
class TokenMeter:
    """An STS meter as the issuer knows it. `last_identifier` is that of its latest credit token."""

    number: str
    resource: str
    key_revision: int
    next_revision: int
    last_identifier: int | None


@dataclass(frozen=True)
class Issued:
    """The tokens in the order in which they must be entered, and the identifier of the credit."""

    tokens: tuple[dict[str, Any], ...]
    identifier: int


def luhn(digits: str) -> str:
    """This will give the check digit that belongs behind the digits (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def pan_of(number: str) -> str:
    """This will give the eighteen digits by which a meter's key is derived: issuer, number, check digit."""
    return IIN + number + luhn(IIN + number)


def decoder_key(keys: Keys, number: str, revision: int) -> bytes:
    """This will derive the key that a meter has at a revision."""
    return derive_key(pan=pan_of(number), key_revision=revision, base=BASE, **_group(keys))


def issue(keys: Keys, meter: TokenMeter, units: Decimal, now: datetime, random: int | None = None) -> Issued:
    """This will make the tokens for a number of units, under the meter's next key where that is to change."""
    at = first_free_minute(now, base=BASE, last=meter.last_identifier)
    credit = issue_token(
        pan=pan_of(meter.number),
        key_revision=meter.next_revision,
        base=BASE,
        subclass=SUBCLASSES[meter.resource],
        random=secrets.randbelow(16) if random is None else random,
        units=units,
        issued_at=at,
        **_group(keys),
    )
    kinds = [("key-change", digits) for digits in _key_change(keys, meter)] + [("credit", credit)]
    tokens = tuple({"kind": kind, "digits": digits, "order": place} for place, (kind, digits) in enumerate(kinds, 1))
    return Issued(tokens=tokens, identifier=token_identifier(at, base=BASE))


def _key_change(keys: Keys, meter: TokenMeter) -> tuple[str, ...]:
    if meter.next_revision == meter.key_revision:
        return ()
    return key_change_tokens(
        old_key=decoder_key(keys, meter.number, meter.key_revision),
        new_key=decoder_key(keys, meter.number, meter.next_revision),
        key_revision=meter.next_revision,
        key_type=KEY_TYPE,
        supply_group=keys.supply_group,
        tariff_index=TARIFF_INDEX,
    )


def _group(keys: Keys) -> dict[str, Any]:
    """What all meters of a supply group have in common."""
    return {
        "vending_key": keys.vending_key,
        "key_type": KEY_TYPE,
        "supply_group": keys.supply_group,
        "tariff_index": TARIFF_INDEX,
    }
