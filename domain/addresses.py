"""The list of ten addresses that a visitor picks from: the registered one, and nine that are nobody's."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from domain.links import Mac

CHOICES = 10
HIGHEST_NUMBER = 240
LEADING_NUMBER = re.compile(r"^\s*\d+")
TRAILING_NUMBER = re.compile(r"\d+(?=\s*(,|$))")


class AddressChoices:
    """Makes the list; the same account always sees the same one, as long as nobody moves into a made-up address."""

    def __init__(self, mac: Mac, taken: Callable[[Sequence[str]], Awaitable[set[str]]]) -> None:
        self._mac = mac
        self._taken = taken

    async def of(self, account_id: UUID, registered: str, streets: Sequence[str]) -> list[str]:
        """This will give ten addresses, one of them the registered one, in an order that says nothing.

        `taken` is asked which of the made-up ones are somebody's; those are passed over.
        """
        candidates = self._made_up(account_id, registered, streets)
        taken = await self._taken(candidates)
        decoys = [address for address in candidates if address not in taken and address != registered][: CHOICES - 1]
        return sorted([registered, *decoys], key=lambda address: self._mac("address-order", account_id.bytes + address.encode()))

    def _made_up(self, account_id: UUID, registered: str, streets: Sequence[str]) -> list[str]:
        """Three times as many as are needed, each in the registered address's own manner of writing."""
        candidates: dict[str, None] = {}
        others = [street for street in streets if street not in registered] or list(streets)
        for turn in range(CHOICES * 3):
            noise = self._mac("address-choice", account_id.bytes + turn.to_bytes(2))
            street = others[int.from_bytes(noise[:4]) % len(others)]
            number = int.from_bytes(noise[4:8]) % HIGHEST_NUMBER + 1
            candidates[like(registered, street, number, streets)] = None
        return list(candidates)


def like(registered: str, street: str, number: int, streets: Sequence[str]) -> str:
    """This will write street and number as the registered address is written, its town and postcode kept."""
    own = max((known for known in streets if known in registered), key=len, default=None)
    if own is None:
        return f"{number} {street}"
    head, tail = registered.split(own, 1)
    if LEADING_NUMBER.search(head):
        head = LEADING_NUMBER.sub(str(number), head, count=1)
    elif TRAILING_NUMBER.search(tail):
        tail = TRAILING_NUMBER.sub(str(number), tail, count=1)
    return f"{head}{street}{tail}"
