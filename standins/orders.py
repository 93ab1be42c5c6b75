"""Faults that were ordered and wait to be carried out, whatever they are."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar


@dataclass
class Order:
    """One order. `times` counts down."""

    kind: str
    times: int


Ordered = TypeVar("Ordered", bound=Order)


class Orders(Generic[Ordered]):
    """The orders not yet carried out, first come, first served. Safe to use from several threads."""

    def __init__(self) -> None:
        self._waiting: list[Ordered] = []
        self._lock = threading.Lock()

    def add(self, order: Ordered) -> None:
        """This will put an order last."""
        with self._lock:
            self._waiting.append(order)

    def use(self, meant: Callable[[Ordered], bool]) -> Ordered | None:
        """This will use up one of the first order that is meant."""
        with self._lock:
            for order in self._waiting:
                if meant(order):
                    order.times -= 1
                    if order.times == 0:
                        self._waiting.remove(order)
                    return order
        return None

    def clear(self) -> None:
        """This will forget all orders."""
        with self._lock:
            self._waiting.clear()

    def listed(self) -> list[dict[str, Any]]:
        """The orders as JSON."""
        with self._lock:
            return [asdict(order) for order in self._waiting]
