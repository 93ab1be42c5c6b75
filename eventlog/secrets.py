"""What a utility's secret is good for: keyed hashes, ids that follow from natural keys, and the keys that seal."""

from __future__ import annotations

import base64
import hmac
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LENGTH = 32
"""Bytes of the master key and of every key derived from it."""


class UtilitySecrets:
    """Everything secret of one utility, derived from the master key by HKDF-SHA256 (RFC 5869); nothing of it is stored.

    Each purpose has a key of its own, so that a hash made for one is worthless for another.
    """

    def __init__(self, master: bytes, code: str) -> None:
        if len(master) != LENGTH:
            raise ValueError(f"a master key has {LENGTH} bytes, not {len(master)}")
        self._secret = _derive(master, f"utility:{code}")
        self._keys: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return "UtilitySecrets(…)"

    def key(self, purpose: str) -> bytes:
        """This will give the 32-byte key of one purpose."""
        key = self._keys.get(purpose)
        if key is None:
            key = self._keys[purpose] = _derive(self._secret, purpose)
        return key

    def mac(self, purpose: str, *parts: bytes | str) -> bytes:
        """This will give the HMAC-SHA256 of the parts, 32 bytes; each goes in with its length, so that none runs over."""
        message = bytearray()
        for part in parts:
            raw = part.encode() if isinstance(part, str) else part
            message += len(raw).to_bytes(8)
            message += raw
        return hmac.digest(self.key(purpose), message, "sha256")

    def natural_id(self, kind: str, key: str) -> UUID:
        """This will give the id that follows from a natural key, as a UUID version 8 (RFC 9562, section 5.8)."""
        number = int.from_bytes(self.mac("natural-id", kind, key)[:16])
        number = number & ~(0xF << 76) | 8 << 76
        return UUID(int=number & ~(0b11 << 62) | 0b10 << 62)

    def number_hash(self, kind: str, number: str) -> bytes:
        """This will give what an account or meter number is looked up by."""
        return self.mac("number", kind, number)

    def body_hash(self, body: bytes) -> bytes:
        """This will give what tells whether a repeated request has the same body."""
        return self.mac("body", body)

    def password_verifier(self, password: str) -> str:
        """This will give the keyed hash of a machine-made password, which needs no slow one: it has 140 random bits."""
        return base64.urlsafe_b64encode(self.mac("password", password)).decode()


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=LENGTH, salt=b"seed", info=purpose.encode()).derive(secret)
