"""Numbers that people say on the phone: random, short, and of characters that no ear or eye takes for another."""

from __future__ import annotations

import re

ALPHABET = "CDFGHJKMNPQRTVWXY34679"
"""No B and 8, S and 5, Z and 2, O and 0, I, L and 1; and no vowels, so that no word comes out."""

HALF = 4
PATTERN = f"[{ALPHABET}]{{{HALF}}}-[{ALPHABET}]{{{HALF}}}"
TYPED = re.compile(rf"([{ALPHABET}]{{{HALF}}})([{ALPHABET}]{{{HALF}}})")

ENTROPY = 16
"""Bytes that are asked for: so many more than the 36 bits of a reference that each is as likely as any other."""


def make(entropy: bytes) -> str:
    """This will give a reference, such as K7RT-94PQ; the same bytes give the same one."""
    number = int.from_bytes(entropy)
    letters = ""
    for _ in range(2 * HALF):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return f"{letters[:HALF]}-{letters[HALF:]}"


def read(text: str) -> str | None:
    """This will give the reference that somebody typed, however they set it apart; None where it cannot be one."""
    found = TYPED.fullmatch(re.sub(r"[\s.\-]", "", text).upper())
    return f"{found[1]}-{found[2]}" if found else None
