"""Towns with customers in them, and a memory of lists: what the ten addresses are made up against."""

from __future__ import annotations

import hmac
import random
from collections.abc import Sequence
from uuid import UUID

from domain.addresses import AddressChoices, House

NAMES = (
    *("Acacia", "Baobab", "Cedar", "Date", "Elm", "Fig", "Gum", "Hazel", "Ivy", "Jasmine", "Kapok", "Lilac", "Maple"),
    *("Neem", "Olive", "Palm", "Quince", "Rowan", "Sisal", "Teak", "Umbrella", "Vine", "Willow", "Yew"),
)
FIRST = UUID(int=1)
STREETS = [f"{name} Street" for name in NAMES]


def mac(purpose: str, message: bytes) -> bytes:
    return hmac.digest(b"secret" + purpose.encode(), message, "sha256")


class Memory:
    """What was made up, in memory."""

    def __init__(self) -> None:
        self.lists: dict[UUID, tuple[bytes, list[tuple[House, str]]]] = {}

    async def kept(self, account_id: UUID, registered: bytes) -> list[House]:
        key, houses = self.lists.get(account_id, (b"", []))
        return [house for house, _ in houses] if key == registered else []

    async def elsewhere(self, account_id: UUID, addresses: Sequence[str]) -> set[str]:
        others = [houses for owner, (_, houses) in self.lists.items() if owner != account_id]
        return {address for houses in others for _, address in houses} & set(addresses)

    async def keep(self, account_id: UUID, registered: bytes, houses: Sequence[tuple[House, str]]) -> None:
        self.lists[account_id] = (registered, list(houses))


class Town:
    """Customers at their addresses; `choices` makes their lists."""

    def __init__(self, addresses: Sequence[str], streets: Sequence[str] = STREETS) -> None:
        self.people = {UUID(int=place + 1): address for place, address in enumerate(addresses)}
        self.streets = list(streets)
        self.memory = Memory()
        self.choices = AddressChoices(mac, self.taken, self.memory)

    async def taken(self, addresses: Sequence[str]) -> set[str]:
        return set(addresses) & set(self.people.values())

    async def offered(self, account_id: UUID = FIRST) -> list[str]:
        return await self.choices.of(account_id, self.people[account_id], self.streets)


def sparse(seed: int) -> Town:
    """One house in eight is a customer's, all streets are alike, as in the demo."""
    rng = random.Random(seed)
    return _town([(street, block * 8 + rng.randint(1, 8)) for block in range(9) for street in STREETS])


def uneven(seed: int) -> Town:
    """Most houses have low numbers; streets are of different length; a fifth of the houses are customers'."""
    rng = random.Random(seed)
    lengths = {street: rng.choice((30, 60, 120, 250)) for street in STREETS}
    houses = {(street, int(lengths[street] * rng.random() ** 1.5) + 1) for street in STREETS for _ in range(lengths[street] // 5)}
    return _town(rng.sample(sorted(houses), len(houses)))


def crowded(seed: int) -> Town:
    """Half of all houses are customers', so that lists must share what is free."""
    rng = random.Random(seed)
    return _town([(street, number) for street in STREETS for number in range(1, 31) if rng.random() < 0.5])


def _town(houses: Sequence[tuple[str, int]]) -> Town:
    return Town([f"{number} {street}, Bluewater 4001" for street, number in houses])
