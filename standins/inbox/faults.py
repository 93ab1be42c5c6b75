"""Faults to order: what the catcher shall do wrong, how often, and to whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from standins.inbox.store import address_key
from standins.orders import Order, Orders

CHANNELS = ("email", "sms")
KINDS = ("refuse", "temporary", "delay", "drop-connection-after-data")
MOST_TIMES, LONGEST_DELAY = 1_000_000, 600.0


class BadOrder(ValueError):
    """The order names a field that is missing, unknown or out of range."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field


@dataclass
class Fault(Order):
    """One order. `times` counts down; `to`, where given, limits it to one address or number; `seconds` is for `delay`."""

    times: int = 1
    channel: str = "email"
    seconds: float = 2.0
    to: str | None = None

    def meets(self, to: str) -> bool:
        """This will say whether the order is meant for this recipient."""
        return self.to is None or address_key(self.to) == address_key(to)


class Faults(Orders[Fault]):
    """What is ordered of this stand-in."""

    def order(self, wanted: Any) -> None:
        """This will add an order as it came in JSON. Raises BadOrder, which names the field."""
        self.add(_checked(wanted))

    def take(self, channel: str, to: str, kinds: Collection[str]) -> Fault | None:
        """This will use up one of the first matching order."""
        return self.use(lambda fault: fault.channel == channel and fault.kind in kinds and fault.meets(to))


def _checked(wanted: Any) -> Fault:
    if not isinstance(wanted, dict):
        raise BadOrder("body", "must be a JSON object")
    for field in wanted:
        if field not in ("channel", "kind", "times", "seconds", "to"):
            raise BadOrder(str(field), "is not a field of a fault")
    for field, choices in (("channel", CHANNELS), ("kind", KINDS)):
        if wanted.get(field) not in choices:
            raise BadOrder(field, f"must be one of {', '.join(choices)}")
    times = wanted.get("times", 1)
    if type(times) is not int or not 1 <= times <= MOST_TIMES:
        raise BadOrder("times", f"must be a whole number from 1 to {MOST_TIMES}")
    seconds = wanted.get("seconds", 2.0)
    if type(seconds) not in (int, float) or not 0 <= seconds <= LONGEST_DELAY:
        raise BadOrder("seconds", f"must be a number from 0 to {LONGEST_DELAY:.0f}")
    to = wanted.get("to")
    if to is not None and not isinstance(to, str):
        raise BadOrder("to", "must be an address or a number")
    return Fault(channel=wanted["channel"], kind=wanted["kind"], times=times, seconds=float(seconds), to=to)
