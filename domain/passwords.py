"""Passwords: the ones the system makes, and the rules for a person's own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from domain.aggregate import Refusal
from domain.ids import Randomness

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter that is mistaken for a digit."""

LOOKALIKES = str.maketrans({"o": "0", "i": "1", "l": "1", "u": "v", "-": None, " ": None})
SHORTEST, LONGEST = 8, 128
SHORTEST_WORD = 3
"""Letters of a word that is looked for in passwords: shorter ones stand in any."""

WORDS = re.compile(r"[\W_]+")
"""What words are parted by."""


class PasswordTooShort(Refusal):
    """A password needs more than seven characters."""


class PasswordTooLong(Refusal):
    """A password may have at most 128 characters."""


class PasswordTooCommon(Refusal):
    """That password is among the first that anybody would try."""


class PasswordGuessable(Refusal):
    """What that password holds besides the names and numbers that others know is too little."""


class Passwords(Protocol):
    """Hashing and checking, done outside: slow for a person's own, keyed for the ones the system makes."""

    def keyed(self, password: str) -> str:
        """This will give the keyed hash of a machine-made password."""
        ...

    async def slow_hash(self, password: str) -> str:
        """This will hash a person's own password with argon2id."""
        ...

    async def matches(self, slow_hash: str | None, *meant: str) -> bool:
        """This will verify against a slow hash what somebody may have meant, all of it or nothing.

        Given None it takes the same time and is false.
        """
        ...

    def is_outdated(self, slow_hash: str) -> bool:
        """This will say whether a slow hash was made with other parameters than today's."""
        ...

    def is_common(self, password: str) -> bool:
        """This will say whether the password is on the list of common ones."""
        ...


def make_password(randomness: Randomness) -> str:
    """This will make a password of 140 bits in seven groups of four, easy to read out and to type."""
    number = int.from_bytes(randomness(18)) >> 4
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in range(28))
    return "-".join(letters[start : start + 4] for start in range(0, 28, 4))


def normal_form(password: str) -> str:
    """This will forgive what goes wrong in typing a machine-made password: case, hyphens, spaces, o for 0, l for 1."""
    return password.strip().lower().translate(LOOKALIKES)


def check_own(password: str, passwords: Passwords, known: Iterable[str] = ()) -> None:
    """This will refuse a person's own password that is too short, too long, on the list, or guessed by who knows them.

    `known` are names and numbers of theirs and of the utility: without them the password must be long enough and unlisted
    still (ASVS 5.0, 6.2).
    """
    if len(password) < SHORTEST:
        raise PasswordTooShort
    if len(password) > LONGEST:
        raise PasswordTooLong
    if passwords.is_common(password):
        raise PasswordTooCommon
    whole = rest = _squashed(password)
    for word in sorted({_squashed(word) for phrase in known for word in (phrase, *WORDS.split(phrase))}, key=len, reverse=True):
        if len(word) >= SHORTEST_WORD:
            rest = rest.replace(word, "")
    if rest != whole and (len(rest) < SHORTEST or passwords.is_common(rest)):
        raise PasswordGuessable


def _squashed(text: str) -> str:
    return WORDS.sub("", text.casefold())
