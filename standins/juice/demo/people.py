"""The demo's accounts: who lives where, with which meters and debts. The same for every start."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from standins.juice.demo.utilities import DemoUtility
from standins.juice.rules import Debt
from standins.juice.tokens import TokenMeter, luhn

ACCOUNTS = 150
SEVERAL_DEBTS, SEVERAL_METERS, SMART, BLOCKED, BUYS_LITTLE = 1, 2, 3, 5, 10
"""Places of accounts that are special on purpose; the first of all is an ordinary one with an STS meter."""


@dataclass
class Meter:
    """A meter. `load` is about how many units it counts a day, `credit` what is left in an STS meter."""

    number: str
    kind: str
    resource: str
    unit: str
    load: float
    installed_on: date
    is_blocked: bool = False
    key_changes: bool = False
    credit: float = 0.0
    unpaid: float = 0.0
    last_identifier: int | None = None

    def for_tokens(self) -> TokenMeter:
        """This will give the meter as the issuer of its tokens knows it, before any change of its key."""
        return TokenMeter(self.number, self.resource, 1, 1, self.last_identifier)


@dataclass
class Household:
    """An account and everything of it."""

    place: int
    number: str
    name: str
    address: str
    email: str | None
    phone: str | None
    opened_on: date
    meters: list[Meter]
    debts: list[Debt]
    randomness: random.Random
    balance: int = 0

    def account_item(self) -> dict[str, Any]:
        """What the feed of accounts says."""
        told = {name: getattr(self, name) for name in ("number", "name", "address", "email", "phone")}
        return told | {"opened_on": self.opened_on.isoformat(), "language": "en", "status": "active"}

    def meter_item(self, meter: Meter) -> dict[str, Any]:
        """What the feed of meters says."""
        told = {name: getattr(meter, name) for name in ("number", "kind", "resource", "unit")}
        return {"account": self.number} | told | {"installed_at": f"{meter.installed_on}T08:00:00.000Z", "removed_at": None}


def households(utility: DemoUtility, today: date) -> list[Household]:
    """This will make up the accounts of a utility."""
    return [_household(utility, place, today) for place in range(ACCOUNTS)]


def _household(utility: DemoUtility, place: int, today: date) -> Household:
    randomness = random.Random(f"{utility.code}/{place}")  # noqa: S311 (made-up people are the same at every start)
    name = f"{randomness.choice(utility.names)} {randomness.choice(utility.surnames)}"
    # Streets in turn and a number that grows with each round: nobody shares an address.
    street, house = utility.streets[place % len(utility.streets)], place // len(utility.streets) * 8 + randomness.randint(1, 8)
    has_email, has_phone = place % 17 != 16, place % 23 != 22
    mailbox = f"{name.lower().replace(' ', '.')}.{place + 1}"
    opened_on = today - timedelta(days=randomness.randint(120, 2400))
    return Household(
        place=place,
        number=str(utility.first_account + place * 7),
        name=name,
        address=f"{house} {street}, {utility.town}",
        email=f"{mailbox}@{utility.mail_domain}" if has_email else None,
        phone=f"{utility.phone_prefix}{place + 1:04d}" if has_phone else None,
        opened_on=opened_on,
        meters=_meters(utility, place, opened_on, randomness),
        debts=_debts(utility, place, today, randomness),
        randomness=randomness,
    )


def _meters(utility: DemoUtility, place: int, since: date, randomness: random.Random) -> list[Meter]:
    kinds = [("AMI" if place % 4 == SMART else "STS", "electricity")]
    if place == SEVERAL_METERS:
        kinds += [("AMI", "water"), ("STS", "gas")]
    elif place % 10 == 8:
        kinds.append(("STS", "water") if place % 20 == 8 else ("AMI", "water"))
    elif place % 30 == 19:
        kinds.append(("STS", "gas"))
    loads = {"electricity": (3.0, 13.0), "water": (0.2, 0.7), "gas": (0.4, 1.5)}
    meters = []
    for order, (kind, resource) in enumerate(kinds):
        # Ten digits and their check digit: what fits a PAN, and is no account's number.
        digits = f"{utility.first_account // 100000}{3 + order}{place * 137 + 20011:07d}"
        meters.append(
            Meter(
                number=digits + luhn(digits),
                kind=kind,
                resource=resource,
                unit=utility.tariffs[resource].unit,
                load=randomness.uniform(*loads[resource]),
                installed_on=since,
                is_blocked=place == BLOCKED,
                key_changes=kind == "STS" and place % 12 == 6,
            )
        )
    return meters


def _debts(utility: DemoUtility, place: int, today: date, randomness: random.Random) -> list[Debt]:
    def debt(order: int, description: str, payments: float, share: int, plan: str, age: int) -> Debt:
        owed = int(utility.payments[0] * payments) // utility.coin * utility.coin
        opened_on = (today - timedelta(days=age)).isoformat()
        return Debt(f"D{place + 1:04d}-{order}", description, owed, owed, share, plan, opened_on)

    if place == SEVERAL_DEBTS:
        return [
            debt(1, "Old meter's account", 14, 25, "25 % of each payment", 400),
            debt(2, "Reconnection", 0.4, 100, "In full, first", 40),
            debt(3, "New cable", 9, 20, "20 % of each payment", 150),
        ]
    if place % 5 == 4:
        share = utility.default_share if place % 2 else 20
        plan = "In full, first" if share == 100 else f"{share} % of each payment"
        return [debt(1, "Old meter's account", randomness.uniform(2, 9), share, plan, randomness.randint(5, 300))]
    return []
