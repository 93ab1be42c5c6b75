"""What happens to a Juice card that its customer cannot use: told in a request, looked up at Juice, settled.

Never its scratch code, nor a part of it. Serial and meter are sealed under the key of the account whose request it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from domain.event import Event

Damage = Literal["code-gone", "code-in-part", "card-broken", "serial-in-part", "refused"]
"""What is wrong with a card, as its customer sees it."""

DAMAGES: tuple[Damage, ...] = get_args(Damage)

CardStanding = Literal["available", "activated", "used", "void", "unknown"]
"""How a card stands at Juice: not sold yet, ready to use, used, taken out of use; or no card has this serial."""

CardOutcome = Literal["credit-ordered", "replaced", "already-used", "not-honoured"]
"""What the utility did about a card."""

OUTCOMES: tuple[CardOutcome, ...] = get_args(CardOutcome)


class DamagedCardReported(Event, frozen=True, kw_only=True):
    """The customer says which card it is and what is wrong with it."""

    TOPIC = "damaged-card-reported"
    PERSONAL = ("serial",)

    serial: str
    damage: Damage


class DamagedCardLookedUp(Event, frozen=True, kw_only=True):
    """Staff asked Juice how the card stands, and this is what it said.

    `amount` is in minor units; `used_meter` is the number of the meter that was credited, whosever that is.
    """

    TOPIC = "damaged-card-looked-up"
    PERSONAL = ("used_meter",)

    standing: CardStanding
    amount: int | None
    currency: str | None
    used_at: datetime | None
    used_meter: str | None


class DamagedCardSettled(Event, frozen=True, kw_only=True):
    """The utility is done with the card; the request is closed with this."""

    TOPIC = "damaged-card-settled"

    outcome: CardOutcome
