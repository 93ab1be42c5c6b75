"""Identifiers that are handed into the domain: time-ordered ones, made of a clock and randomness that are passed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

Randomness = Callable[[int], bytes]
"""Gives that many unpredictable bytes."""

NaturalId = Callable[[str, str], UUID]
"""Gives the id that follows from a natural key under the utility's secret: (kind, key) -> UUIDv8."""


def uuid7(at: datetime, randomness: Randomness) -> UUID:
    """This will make a UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then randomness."""
    milliseconds = int(at.timestamp() * 1000) & (1 << 48) - 1
    noise = int.from_bytes(randomness(10))
    return UUID(int=milliseconds << 80 | 7 << 76 | (noise >> 62 & 0xFFF) << 64 | 2 << 62 | noise & (1 << 62) - 1)
