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

        `taken` is asked which of the made-up ones are somebody's; those are passed over. Where the utility has told of no
        other street there is nothing to pick from: the list is empty.
        """
        candidates = self._made_up(account_id, registered, streets)
        if not candidates:
            return []
        taken = await self._taken(candidates)
        decoys = [address for address in candidates if address not in taken and address != registered][: CHOICES - 1]
        return sorted([registered, *decoys], key=lambda address: self._mac("address-order", account_id.bytes + address.encode()))

    def _made_up(self, account_id: UUID, registered: str, streets: Sequence[str]) -> list[str]:
        """Three times as many as are needed, each in the registered address's own manner, street after street.

        No street comes twice while there are others: the registered one would stand out by being the only one that is alone.
        """
        own = street_of(registered, streets)
        others = sorted(
            (street for street in streets if street != own),
            key=lambda street: self._mac("street-order", account_id.bytes + street.encode()),
        )
        candidates: dict[str, None] = {}
        for turn in range(CHOICES * 3 if others else 0):
            noise = self._mac("address-choice", account_id.bytes + turn.to_bytes(2))
            number = int.from_bytes(noise[:4]) % HIGHEST_NUMBER + 1
            candidates[like(registered, own, others[turn % len(others)], number)] = None
        return list(candidates)


def street_of(registered: str, streets: Sequence[str]) -> str | None:
    """This will find the street of an address, however it is capitalised; the longest where several fit."""
    return max((street for street in streets if street.casefold() in registered.casefold()), key=len, default=None)


def like(registered: str, own: str | None, street: str, number: int) -> str:
    """This will write street and number as the registered address is written, its town and postcode kept."""
    if own is None:
        return f"{number} {street}{''.join(registered.partition(',')[1:])}"
    start = registered.casefold().index(own.casefold())
    written = registered[start : start + len(own)]
    head, tail = registered[:start], registered[start + len(own) :]
    if LEADING_NUMBER.search(head):
        head = LEADING_NUMBER.sub(str(number), head, count=1)
    elif TRAILING_NUMBER.search(tail):
        tail = TRAILING_NUMBER.sub(str(number), tail, count=1)
    return f"{head}{street.upper() if written.isupper() else street}{tail}"
