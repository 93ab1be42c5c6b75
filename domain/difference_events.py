"""What happens to a difference between Seed's log and the books of Juice or of the provider of card payments."""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

from domain.event import Event
from domain.ticket_events import About

DifferenceKind = Literal[
    "issued-unknown-to-juice",
    "juice-unknown-to-seed",
    "issued-twice",
    "amount-differs",
    "number-differs",
    "charged-without-issue",
    "issued-without-charge",
    "charged-amount-differs",
    "hold-left-open",
    "refunded-after-issue",
    "charge-disputed",
]
"""What differs; docs/reconciliation.md says of each what to do."""

KINDS: tuple[DifferenceKind, ...] = get_args(DifferenceKind)

ByHand = Literal["charged", "refunded", "released", "written-off", "juice-corrected", "no-difference"]
"""How somebody of the utility settled it."""

Settled = Literal[ByHand, "vanished", "changed"]
"""`vanished`: the books agree by now. `changed`: they differ by another sum now, which is found anew."""


class DifferenceFound(Event, frozen=True, kw_only=True):
    """Two books do not say the same of one payment.

    `day` is the utility's day in whose books it was found. Amounts are in minor units: `recorded` is what Seed's log says, in
    `currency`; `told` is what Juice or the provider says, in `told_currency`; `difference` is told less recorded, None where
    the currencies differ. Nothing here says who somebody is.
    """

    TOPIC = "difference-found"

    kind: DifferenceKind
    day: date
    about: About | None
    message_id: str | None
    juice_number: str | None
    payment_id: str | None
    recorded: int
    currency: str
    told: int
    told_currency: str
    difference: int | None


class DifferenceSettled(Event, frozen=True, kw_only=True):
    """It is no difference any more: `by` whom, and how. `case` is the reference of the utility's own case, not a text."""

    TOPIC = "difference-settled"

    how: Settled
    case: str | None


class DayReconciled(Event, frozen=True, kw_only=True):
    """A day of the utility was compared: what was sold and charged, in minor units, by each book, and how many differences.

    `issued` and `charged` are Seed's; `provider_charged` is what was taken and not refunded by then, None where nobody takes
    credit cards. Written again only where a later comparison of the same day comes to something else, or the earlier one was made
    before the day had settled.
    """

    TOPIC = "day-reconciled"

    day: date
    currency: str
    issued: int
    juice_issued: int
    charged: int
    provider_charged: int | None
    payments: int
    differences: int
