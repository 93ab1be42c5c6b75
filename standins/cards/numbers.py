"""What is typed on the page: whether it can be a card, and what the test cards do. A number goes no further than this."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Outcome:
    """What a card comes to: its brand and last four digits, and how its bank answers."""

    brand: str
    last4: str
    needs_challenge: bool = False
    decline: str | None = None


DECLINES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "test_mode_live_card": "Your card was declined: this page takes the test cards below only.",
    "authentication_failed": "Your bank could not confirm that it is you.",
}
"""What the payer is told, by what the bank says."""

TEST_CARDS = {
    "4242424242424242": ("visa", "it pays", {}),
    "5555555555554444": ("mastercard", "it pays", {}),
    "4000002760003184": ("visa", "it asks whether it is you (3-D Secure)", {"needs_challenge": True}),
    "4000000000003220": ("visa", "it asks whether it is you (3-D Secure 2)", {"needs_challenge": True}),
    "4000000000000002": ("visa", "it is declined", {"decline": "card_declined"}),
    "4000000000009995": ("visa", "it has not enough money", {"decline": "insufficient_funds"}),
    "4000000000000069": ("visa", "it has expired", {"decline": "expired_card"}),
}
"""Number -> brand, what the page says of it, and what its bank does. They are Stripe's, and belong to nobody."""


@dataclass
class Typed:
    """The fields of the page; `errors` has a sentence for each that cannot be meant."""

    number: str = field(repr=False)
    expiry: str
    cvc: str = field(repr=False)
    name: str
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def digits(self) -> str:
        """The number without what is written between its digits."""
        return re.sub(r"[\s-]", "", self.number)

    def check(self, today: datetime) -> None:
        """This will find what is missing or cannot be."""
        if not self.digits:
            self.errors["number"] = "Please enter your card number."
        elif not re.fullmatch(r"[0-9]{12,19}", self.digits, re.ASCII):
            self.errors["number"] = "A card number has 12 to 19 digits."
        elif not luhn(self.digits):
            self.errors["number"] = "There is a slip in the card number: please compare it with the card."
        if problem := expiry_problem(self.expiry, today):
            self.errors["expiry"] = problem
        length = 4 if self.digits[:2] in ("34", "37") else 3
        if not re.fullmatch(f"[0-9]{{{length}}}", self.cvc.strip(), re.ASCII):
            self.errors["cvc"] = f"Please enter the {length} digits of the security code."
        if not self.name.strip():
            self.errors["name"] = "Please enter the name on the card."

    def outcome(self) -> Outcome:
        """This will ask the card's bank, so to speak. Of a card that is no test card nothing is kept."""
        brand, _, does = TEST_CARDS.get(self.digits, ("unknown", "", {"decline": "test_mode_live_card"}))
        last4 = self.digits[-4:] if self.digits in TEST_CARDS else "0000"
        return Outcome(brand, last4, **does)  # type: ignore[arg-type]


def luhn(digits: str) -> bool:
    """This will say whether the check digit (ISO/IEC 7812-1) is right."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(each // 10 + each % 10 for each in doubled) % 10 == 0


def expiry_problem(written: str, today: datetime) -> str | None:
    """This will say what is wrong with a month and year, such as 04 / 31; a card is good to the end of its month."""
    match = re.fullmatch(r"\s*(0?[1-9]|1[0-2])\s*[/.-]?\s*(?:20)?([0-9]{2})\s*", written, re.ASCII)
    if match is None:
        return "Please enter month and year, such as 04 / 31."
    if (2000 + int(match[2]), int(match[1])) < (today.year, today.month):
        return "This card has expired: please look at its date."
    return None
