"""Encryption algorithms by their STS code. EA11 is here; EA07 is a slot for whoever may hold its tables.

The tables of EA07 are given to members of the STS Association under a non-disclosure agreement. A licensee makes
an `EncryptionAlgorithm("07", 64, TheirCipher)` and passes it where `EA11` is the default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from standins.juice.sts.misty1 import Misty1


class BlockCipher(Protocol):
    """A cipher under one key; blocks are integers of 64 bits."""

    def encrypt(self, block: int) -> int: ...

    def decrypt(self, block: int) -> int: ...


@dataclass(frozen=True)
class EncryptionAlgorithm:
    """An algorithm: its two-digit STS code, the length of its keys in bits, and its cipher, made from a key."""

    code: str
    key_bits: int
    cipher: Callable[[bytes], BlockCipher]


EA11 = EncryptionAlgorithm("11", 128, Misty1)
