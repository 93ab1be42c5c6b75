"""Another till of a utility's, at the Juice of a running portal: it sells what Seed sells, and reads what was sold."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import uuid4

import httpx

from tests.running import Running
from vending.juice_answers import Reply
from vending.juice_http import HttpJuice

T = TypeVar("T")


class Till:
    """A till at the harder kind of Juice, which keeps no message ids."""

    def __init__(self, portal: Running, utility: str) -> None:
        listed = json.loads((portal.folder / "juice.ready").read_text())["utilities"]
        self._juice = next(each for each in listed if each["code"] == utility)

    def sells(self, meter: str, amount: int) -> Reply:
        """This will sell power for a meter, under the same tender as Seed does; `amount` in minor units."""
        return self._asked(lambda juice: juice.vend(uuid4(), amount=amount, tender="Cash-CC", meter=meter))

    def sold(self, meter: str) -> list[Reply]:
        """What Juice sold for a meter under the tender of Seed's purchases and cards, the newest first."""
        listed = self._asked(lambda juice: juice.reprint(count=50, meter=meter))
        return [each for each in listed if each.type in ("Cash-CC", "JC")]

    def _asked(self, ask: Callable[[HttpJuice], Awaitable[T]]) -> T:
        async def asked() -> T:
            async with httpx.AsyncClient(timeout=120) as client:
                return await ask(HttpJuice(self._juice["url"], self._juice["key"], client=client, knows_messages=False))

        # In a thread of its own: a browser's driver has a loop in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(asked())).result()
