"""Key-change tokens: four sections that carry a new decoder key, encrypted under the old one (class 2).

A key of 128 bits (EA11) goes out in quarters, so a set has four tokens; two are enough only for keys of 64 bits.
"""

from __future__ import annotations

from standins.juice.sts.encryption import EA11
from standins.juice.sts.fields import digits, secret, whole
from standins.juice.sts.token import MANAGEMENT, seal_token

SECTIONS = (3, 4, 8, 9)
"""The subclasses, in the order they are issued: Set1st…Set4thSectionDecoderKey."""

ROLLOVER_BIT = 1 << 35
"""In the first section: the meter starts a new list of identifiers, on the next base date."""

NEVER_EXPIRES = 255

_KEY_BYTES = EA11.key_bits // 8


def key_change_tokens(
    *,
    old_key: bytes,
    new_key: bytes,
    key_revision: int,
    key_type: int,
    supply_group: str,
    tariff_index: str,
    key_expiry: int = NEVER_EXPIRES,
    rollover: bool = False,
) -> tuple[str, str, str, str]:
    """This will make the set of tokens that brings a meter from `old_key` to `new_key`, in their order of issue.

    The other fields are those of the new key; both keys come from `derive_key`. `rollover` says that the new key has a
    later base date. Raises FieldRefused.

    Known: the layout and the order of the quarters; the compliance vectors of STS 531-1.0-04 come out right.
    Assumed: that a meter takes the four in any order, as our own does, and reads the rollover bit as we do.
    """
    quarters = _quarters(secret("new_key", new_key, _KEY_BYTES))
    expiry = whole("key_expiry", key_expiry, 0, 255)
    group = int(digits("supply_group", supply_group, 6))
    heads = (
        (expiry >> 4) << 8 | whole("key_revision", key_revision, 1, 9) << 4 | whole("key_type", key_type, 0, 3),
        (expiry & 0xF) << 8 | int(digits("tariff_index", tariff_index, 2)),
        group & 0xFFF,
        group >> 12,
    )
    cipher = EA11.cipher(secret("old_key", old_key, _KEY_BYTES))
    sections = [subclass << 44 | head << 32 | quarter for subclass, head, quarter in zip(SECTIONS, heads, quarters, strict=True)]
    if rollover:
        sections[0] |= ROLLOVER_BIT
    first, second, third, fourth = (seal_token(MANAGEMENT, section, cipher) for section in sections)
    return first, second, third, fourth


def join_key(quarters: dict[int, int]) -> bytes:
    """This will put a key together from its quarters, given by the subclass that brought each."""
    first, last, second, third = (quarters[subclass].to_bytes(4, "big") for subclass in SECTIONS)
    return first + second + third + last


def _quarters(key: bytes) -> tuple[int, int, int, int]:
    first, second, third, last = (int.from_bytes(key[at : at + 4], "big") for at in range(0, 16, 4))
    return first, last, second, third
