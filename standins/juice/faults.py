"""Faults to order: what the stand-in shall do wrong, how often, and where."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from standins.juice.problems import bad_field
from standins.orders import Order, Orders

KINDS = ("lose-reply", "delay", "refuse", "drop-before", "unavailable")
BEFORE = ("delay", "refuse", "drop-before", "unavailable")
MONEY = ("/redemptions", "/vends")
"""Where an order without a path is carried out."""

MOST_TIMES, LONGEST_DELAY = 1_000_000, 600.0


@dataclass
class Fault(Order):
    """One order. `times` counts down; `path` is how the request's path begins; `seconds` is for delay, `rule` for refuse."""

    times: int = 1
    path: str | None = None
    seconds: float = 2.0
    rule: str = "VendorCredit"
    utility: str | None = None

    def meets(self, utility: str, path: str) -> bool:
        """This will say whether the order is meant for a request."""
        where = path.startswith(self.path) if self.path is not None else path in MONEY
        return where and self.utility in (None, utility)


class Faults(Orders[Fault]):
    """What is ordered of this stand-in."""

    def order(self, wanted: dict[str, Any]) -> None:
        """This will add an order. Raises Problem, naming the field."""
        self.add(_checked(wanted))

    def take(self, utility: str, path: str, kinds: Collection[str]) -> Fault | None:
        """This will use up one of the first order that is meant for a request."""
        return self.use(lambda fault: fault.kind in kinds and fault.meets(utility, path))


def _checked(wanted: dict[str, Any]) -> Fault:
    if wanted.get("kind") not in KINDS:
        raise bad_field("kind", f"must be one of {', '.join(KINDS)}")
    times = wanted.get("times", 1)
    if type(times) is not int or not 1 <= times <= MOST_TIMES:
        raise bad_field("times", f"must be a whole number from 1 to {MOST_TIMES}")
    seconds = wanted.get("seconds", 2.0)
    if type(seconds) not in (int, float) or not 0 <= seconds <= LONGEST_DELAY:
        raise bad_field("seconds", f"must be a number from 0 to {LONGEST_DELAY:.0f}")
    path = wanted.get("path")
    if path is not None and not (isinstance(path, str) and path.startswith("/")):
        raise bad_field("path", "must begin with a slash, such as /redemptions")
    rule = wanted.get("rule", "VendorCredit")
    if not (isinstance(rule, str) and rule.isascii() and rule.isalpha()):
        raise bad_field("rule", "must be a rule's name, such as VendorCredit")
    utility = wanted.get("utility")
    if utility is not None and not isinstance(utility, str):
        raise bad_field("utility", "must be a utility's code")
    return Fault(kind=wanted["kind"], times=times, path=path, seconds=float(seconds), rule=rule, utility=utility)
