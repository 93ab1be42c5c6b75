"""Faults to order: what the stand-in shall do wrong, how often, and where."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from standins.cards.errors import Refused
from standins.orders import Order, Orders

BEFORE = ("delay", "drop-before", "unavailable")
WEBHOOKS = ("hold-webhooks", "double-webhooks", "late-webhooks")
KINDS = (*BEFORE, "lose-reply", "decline-capture", "expiring-authorisation", *WEBHOOKS)
OPERATIONS = ("open", "expire", "capture", "release", "look", "list")
MONEY = ("open", "expire", "capture", "release")
"""Where an order that names no operation is carried out."""

MOST_TIMES, LONGEST_S = 1_000_000, 86_400.0


@dataclass
class Fault(Order):
    """One order. `times` counts down; `seconds` is for delay, late-webhooks and expiring-authorisation."""

    times: int = 1
    on: str | None = None
    account: str | None = None
    seconds: float = 2.0

    def meets(self, account: str, operation: str | None) -> bool:
        """This will say whether the order is meant for this."""
        where = operation is None or (operation == self.on if self.on else operation in MONEY)
        return where and self.account in (None, account)


class Faults(Orders[Fault]):
    """What is ordered of this stand-in."""

    def order(self, wanted: Any) -> None:
        """This will add an order. Raises Refused, naming the field."""
        self.add(_checked(wanted))

    def take(self, account: str, kinds: Collection[str], operation: str | None = None) -> Fault | None:
        """This will use up one of the first order that is meant for this."""
        return self.use(lambda fault: fault.kind in kinds and fault.meets(account, operation))

    def webhook_times(self, account: str, now: float) -> list[float | None]:
        """This will say when an event is posted, which may be twice; None is when it is asked for."""
        fault = self.take(account, WEBHOOKS)
        if fault is None:
            return [now]
        if fault.kind == "hold-webhooks":
            return [None]
        return [now, now] if fault.kind == "double-webhooks" else [now + fault.seconds]


def _checked(wanted: Any) -> Fault:
    if not isinstance(wanted, dict) or wanted.get("kind") not in KINDS:
        raise _bad("kind", f"must be one of {', '.join(KINDS)}")
    if unknown := set(wanted) - {"kind", "times", "on", "account", "seconds"}:
        raise _bad(min(unknown)[:64], "is not a field of an order")
    times, seconds = wanted.get("times", 1), wanted.get("seconds", 2.0)
    if type(times) is not int or not 1 <= times <= MOST_TIMES:
        raise _bad("times", f"must be a whole number from 1 to {MOST_TIMES}")
    if type(seconds) not in (int, float) or not 0 <= seconds <= LONGEST_S:
        raise _bad("seconds", f"must be a number from 0 to {LONGEST_S:.0f}")
    if wanted.get("on") not in (None, *OPERATIONS):
        raise _bad("on", f"must be one of {', '.join(OPERATIONS)}")
    if not isinstance(wanted.get("account"), str | None):
        raise _bad("account", "must be an account's code")
    return Fault(wanted["kind"], times, wanted.get("on"), wanted.get("account"), float(seconds))


def _bad(field: str, reason: str) -> Refused:
    return Refused(422, "bad_order", f"{field}: {reason}", param=field)
