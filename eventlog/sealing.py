"""Sealing: encrypted, and bound to the place it belongs to, so that it opens nowhere else."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.ids import Randomness

NONCE = 12
"""Bytes (NIST SP 800-38D, section 8.2.2): random, and no key seals anywhere near 2^32 times."""


class SealBroken(Exception):
    """What was sealed was altered, moved to another place, or sealed under another key."""


class Sealer:
    """AES-256-GCM under one key."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return "Sealer(…)"

    def seal(self, plain: bytes, bound_to: bytes, randomness: Randomness) -> bytes:
        """This will give nonce, ciphertext and tag in one."""
        nonce = randomness(NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def unseal(self, sealed: bytes, bound_to: bytes) -> bytes:
        """This will give back what was sealed in this place. Raises SealBroken."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)
        except (InvalidTag, ValueError):
            raise SealBroken from None
