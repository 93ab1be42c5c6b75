"""Orders faults of a stand-in that runs as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx


@contextmanager
def faults(where: str, *orders: dict[str, Any]) -> Iterator[None]:
    """This will order faults of the stand-in at an address, and take back what is left of them."""
    for order in orders:
        httpx.post(f"{where}/__faults", json=order).raise_for_status()
    try:
        yield
    finally:
        httpx.delete(f"{where}/__faults").raise_for_status()
