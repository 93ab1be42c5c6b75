"""The demo's Juice cards: serials one after the other, codes that are never twenty digits, in every state."""

from __future__ import annotations

import random
from dataclasses import dataclass

from standins.juice.demo.utilities import DemoUtility

CARDS = 400
SOLD_LONG_AGO, NOT_YET_ACTIVATED = 80, 80
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""What is printed under the scratch field: nothing that is easily read as something else."""


@dataclass
class Card:
    """A card; its state is available (not yet sold), activated or used."""

    serial: str
    code: str
    amount: int
    state: str


def cards(utility: DemoUtility) -> list[Card]:
    """This will make up the stock; the first of it are for the transactions of the last 90 days to use."""
    randomness = random.Random(f"{utility.code}/cards")  # noqa: S311 (made-up cards are the same at every start)
    stock = []
    for place in range(CARDS):
        signs = randomness.choices(SIGNS, k=randomness.randint(11, 23))
        signs.insert(randomness.randrange(len(signs)), randomness.choice(SIGNS[:24]))  # a letter, whatever the rest is
        state = "available" if place >= CARDS - NOT_YET_ACTIVATED else "activated"
        stock.append(Card(str(utility.first_card + place), "".join(signs), randomness.choice(utility.cards), state))
    return stock
