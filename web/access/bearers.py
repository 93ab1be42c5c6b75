"""Secrets that whoever holds them may act with: 256 random bits with the client, and only their hash here."""

from __future__ import annotations

import base64
import hashlib
import re

from domain.ids import Randomness

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def make_token(randomness: Randomness) -> str:
    """This will make a token of 256 bits: 43 characters that stand in an address, a cookie or a header as they are."""
    return base64.urlsafe_b64encode(randomness(32)).decode().rstrip("=")


def token_hash(token: str) -> bytes:
    """This will give what is kept of a token. It needs no salt and no slow hash: nobody guesses 256 bits."""
    return hashlib.sha256(token.encode()).digest()
