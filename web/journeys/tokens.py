"""Texts that only we can make and read, kept nowhere: sealed, so that whoever holds one learns nothing of what it names.

AES-256-SIV (RFC 5297) needs no nonce, so that the same content makes the same text: a repeated command gets the same answer.
"""

from __future__ import annotations

import base64
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from web.services import Secrets

OVERHEAD = 16
"""Bytes that sealing adds."""


def pattern(size: int) -> str:
    """This will give the form of a token over `size` bytes, which has to leave no bits over, so that each has one form."""
    characters, left = divmod((size + OVERHEAD) * 4, 3)
    if left:
        raise ValueError(f"{size} bytes do not fill their last character")
    return f"[A-Za-z0-9_-]{{{characters}}}"


def seal(secrets: Secrets, purpose: str, content: bytes) -> str:
    """This will make a token, safe in a URL. One made for a purpose is worthless for another."""
    return base64.urlsafe_b64encode(_cipher(secrets, purpose).encrypt(content, None)).decode()


def unseal(secrets: Secrets, purpose: str, token: str, size: int) -> bytes | None:
    """This will give the `size` bytes of a token of ours, written as it was made; None for anything else."""
    if not re.fullmatch(pattern(size), token):
        return None
    try:
        return _cipher(secrets, purpose).decrypt(base64.urlsafe_b64decode(token), None)
    except InvalidTag:
        return None


def _cipher(secrets: Secrets, purpose: str) -> AESSIV:
    return AESSIV(secrets.mac(purpose, b"token key 1") + secrets.mac(purpose, b"token key 2"))
