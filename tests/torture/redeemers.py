"""People who redeem Juice cards, one after the other, and watch each until it has its end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Any

import httpx

from tests.processes.people import RETRY_S, insist, source
from tests.torture.journal import REDEMPTION_ENDS, Journal, Promise

PATIENCE_S = 180.0


class Redeemer:
    """One of them, at one utility."""

    def __init__(
        self, demo: dict[str, Any], utility: dict[str, Any], meters: list[str], cards: Iterator[dict[str, Any]], journal: Journal
    ) -> None:
        self.api = demo["api"]
        self.utility = utility
        self.meters = meters
        self.cards = cards
        self.journal = journal
        self._watching: set[asyncio.Task[None]] = set()

    async def live(self, chance: random.Random, over: asyncio.Event) -> None:
        """This will redeem until it is over, and then see the last ones to their end."""
        loop = asyncio.get_running_loop()
        async with httpx.AsyncClient(headers={"Host": self.utility["host"]}) as client:
            for card in self.cards:
                if over.is_set():
                    break
                promise = await self._redeem(client, card, chance)
                if promise is not None:
                    task = loop.create_task(watch(client, f"{self.api}/redemptions", promise[1], promise[0], self.journal))
                    self._watching.add(task)
                    task.add_done_callback(self._watching.discard)
                await asyncio.sleep(chance.uniform(0, 0.4))
            await asyncio.gather(*self._watching)

    async def _redeem(self, client: httpx.AsyncClient, card: dict[str, Any], chance: random.Random) -> tuple[Promise, str] | None:
        body = {"serial": card["serial"], "code": card["code"], "number": chance.choice(self.meters)}
        headers = {**source(), "Idempotency-Key": f"torture-{chance.getrandbits(96):x}"}
        try:
            answered = await insist(client, f"{self.api}/redemptions", body, headers, 202, patience_s=PATIENCE_S)
        except AssertionError as error:
            self.journal.broken.append(f"a card could not be redeemed: {error}")
            return None
        told = answered.reply.json()
        now = asyncio.get_running_loop().time()
        promise = Promise(
            self.utility["code"], "redemption", told["position"], answered.sent_at, now, told["redemption_id"], card
        )
        self.journal.promises.append(promise)
        return promise, told["status"]


async def watch(client: httpx.AsyncClient, url: str, status: str, promise: Promise, journal: Journal) -> None:
    """This will ask how far a redemption or purchase is until it has its end, and note that."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    while loop.time() < deadline:
        try:
            reply = await client.get(f"{url}/{status}", headers=source(), timeout=20)
            told = reply.json() if reply.status_code == 200 else {}
        except (httpx.HTTPError, ValueError):
            told = {}
        if told.get("has_ended"):
            promise.stage, promise.ended_at = told["stage"], loop.time()
            if promise.kind == "redemption" and promise.stage not in REDEMPTION_ENDS:
                journal.broken.append(f"a right card ended as {promise.stage}: {promise.id}")
            return
        await asyncio.sleep(RETRY_S)
    journal.broken.append(f"{promise.kind} {promise.id} has no end after {PATIENCE_S:.0f} s")
