"""The list of ten addresses that a visitor picks from: the registered one, and nine that are nobody's.

Whoever reads one list, or many, must not tell the registered one from the made-up ones. So a made-up house

- has a number of the same size as the registered one, and stands beside houses where people live, where there is such a place;
- stands in a street of its own in the list, the registered one's included;
- was in no other account's list, where there is such a house: the registered one is not, either;
- stays in the list for as long as the account's address does, whatever street or neighbour comes and goes. Only where
  somebody moves in does it give way. With a new registered address, all ten are new.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import NamedTuple, Protocol
from uuid import UUID

from domain.links import Mac

CHOICES = 10
FIRST_BLOCK = 20
"""House numbers come in blocks, 1 to 20, 21 to 60, 61 to 140 …, each twice as wide as the one before."""

NEIGHBOURS = 4
"""A house is beside another up to so many numbers away."""

STREETS = 24
TRIES = 8
"""How many streets are looked at, and how many numbers in each."""

LONELY = 0.001
"""How a house without neighbours counts: like so many."""

SEEN = 20.0
"""How much later a house comes that stands in another list already."""

BEFORE_STREET = re.compile(r"(?<!\d)\d{1,4}(?=[A-Za-z]?,?\s*$)")
AFTER_STREET = re.compile(r"(?<=^\s)\d{1,4}(?!\d)")


class House(NamedTuple):
    """A made-up address: where it is, without town and postcode."""

    street: str
    number: int


class Ask(NamedTuple):
    """Whose list is made, and what all its lots are drawn with: it changes with the registered address."""

    account_id: UUID
    key: bytes


class Offered(Protocol):
    """Remembers the houses made up for each account."""

    async def kept(self, account_id: UUID, registered: bytes) -> list[House]:
        """This will give what is in the account's list while its address has this keyed hash; nothing for another address."""
        ...

    async def elsewhere(self, account_id: UUID, addresses: Sequence[str]) -> set[str]:
        """This will give those of the addresses that are in another account's list."""
        ...

    async def keep(self, account_id: UUID, registered: bytes, houses: Sequence[tuple[House, str]]) -> None:
        """This will remember houses, each with its full address, in place of what was kept for the account."""
        ...


Taken = Callable[[Sequence[str]], Awaitable[set[str]]]
"""Asked which of some addresses are somebody's."""


class AddressChoices:
    """Makes the list of ten."""

    def __init__(self, mac: Mac, taken: Taken, offered: Offered) -> None:
        self._mac = mac
        self._taken = taken
        self._offered = offered

    async def of(self, account_id: UUID, registered: str, streets: Sequence[str]) -> list[str]:
        """This will give ten addresses, one of them the registered one, in an order that says nothing.

        Where nine cannot be made up that look like it (its street is not one of the utility's, it has no house number),
        there is nothing to pick from: the list is empty.
        """
        form = Form.of(registered, streets)
        if form is None:
            return []
        key = self._mac("registered-address", account_id.bytes + registered.encode())
        kept = {house: form.write(house) for house in await self._offered.kept(account_id, key)}
        taken = await self._taken(list(kept.values()))
        houses = {house: address for house, address in kept.items() if address not in taken}
        if len(houses) < CHOICES - 1:
            houses |= await self._made_up(Ask(account_id, key), form, streets, houses)
            if len(houses) < CHOICES - 1:
                return []
            await self._offered.keep(account_id, key, list(houses.items()))
        listed = [registered, *houses.values()]
        return sorted(listed, key=lambda address: self._mac("address-order", account_id.bytes + address.encode()))

    async def _made_up(self, ask: Ask, form: Form, streets: Sequence[str], have: dict[House, str]) -> dict[House, str]:
        """The houses that are missing: drawn where people live, street after street."""
        others = sorted({*streets} - {form.street}, key=lambda s: self._mac("street-order", ask.key + s.encode()))
        asked = [form.street, *others[:STREETS]]
        block = block_of(form.number)
        made: dict[House, str] = {}
        for low, width in (block, (block[0] + block[1], 2 * block[1])):
            drawn = await self._drawn(ask, form, asked, range(low, low + width))
            left = [house for house in drawn if house not in have and house != House(form.street, form.number)]
            used = Counter([form.street, *(house.street for house in have)])
            for most in range(1, CHOICES + 1):
                for house in left:
                    if len(have) + len(made) == CHOICES - 1:
                        return made
                    if used[house.street] < most and house not in made:
                        used[house.street] += 1
                        made[house] = form.write(house)
            have = have | made
        return made

    async def _drawn(self, ask: Ask, form: Form, streets: Sequence[str], numbers: range) -> list[House]:
        """Houses that are nobody's, in an order drawn by lot: the more customers live beside one, the sooner it comes."""
        houses = {house: form.write(house) for street in streets for house in self._some(ask, street, numbers)}
        beside = {house: [form.write(near) for near in neighbours(house)] for house in houses}
        taken = await self._taken(list({*houses.values(), *chain.from_iterable(beside.values())}))
        elsewhere = await self._offered.elsewhere(ask.account_id, list(houses.values()))

        def turn(house: House) -> float:
            # Drawing without replacement by weights: Efraimidis and Spirakis, 2006.
            people = sum(address in taken for address in beside[house]) or LONELY
            lot = (1 + self._lot(ask, "lot", house.street, house.number)) / 2**64
            return -math.log(lot) / people * (SEEN if houses[house] in elsewhere else 1)

        return sorted((house for house in houses if houses[house] not in taken), key=turn)

    def _some(self, ask: Ask, street: str, numbers: range) -> set[House]:
        lots = (self._lot(ask, "number", street, numbers.start + turn) for turn in range(TRIES))
        return {House(street, numbers[lot % len(numbers)]) for lot in lots}

    def _lot(self, ask: Ask, purpose: str, street: str, number: int) -> int:
        return int.from_bytes(self._mac(f"house-{purpose}", ask.key + number.to_bytes(4) + street.encode())[:8])


class Form(NamedTuple):
    """How the registered address is written: what stands before, between and after house number and street."""

    street: str
    number: int
    pieces: tuple[str, str, str]
    number_first: bool
    capitals: bool

    @classmethod
    def of(cls, registered: str, streets: Sequence[str]) -> Form | None:
        """This will find street (the longest where several fit, however it is capitalised) and house number; None without."""
        street = max((street for street in streets if street.casefold() in registered.casefold()), key=len, default=None)
        if street is None or len(registered.casefold()) != len(registered):
            return None
        start = registered.casefold().index(street.casefold())
        written = registered[start : start + len(street)]
        head, tail = registered[:start], registered[start + len(street) :]
        if found := BEFORE_STREET.search(head):
            pieces = (head[: found.start()], head[found.end() :], tail)
        elif found := AFTER_STREET.search(tail):
            pieces = (head, tail[: found.start()], tail[found.end() :])
        else:
            return None
        first = found.string is head
        return cls(street, int(found.group()), pieces, first, written.isupper()) if int(found.group()) else None

    def write(self, house: House) -> str:
        """This will write a house as the registered one is written, its town and postcode kept."""
        street = house.street.upper() if self.capitals else house.street
        first, second = (str(house.number), street) if self.number_first else (street, str(house.number))
        return f"{self.pieces[0]}{first}{self.pieces[1]}{second}{self.pieces[2]}"


def block_of(number: int) -> tuple[int, int]:
    """This will give the first number of a number's block, and how many the block holds."""
    low, width = 1, FIRST_BLOCK
    while number >= low + width:
        low, width = low + width, 2 * width
    return low, width


def neighbours(house: House) -> list[House]:
    """This will give the houses a few numbers up and down the street."""
    near = range(max(1, house.number - NEIGHBOURS), house.number + NEIGHBOURS + 1)
    return [House(house.street, number) for number in near if number != house.number]
