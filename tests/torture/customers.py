"""Customers who are logged in: they buy with a credit card, ask their utility something, and give another contact."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import httpx

from tests.processes.people import RETRY_S, Answered, insist, source
from tests.torture.journal import Journal, Promise
from tests.torture.redeemers import watch

MOST = 14
"""Purchases, requests and contacts that one customer makes: of each, Seed takes twenty an hour or a day,
those that a kill cut off included."""

PAYS, DECLINED = "4242424242424242", "4000000000000002"
TYPED = {"expiry": "12 / 40", "cvc": "123", "name": "A. Payer"}


class Customer:
    """One of them, with an account of their own. `pause` is the mean time between two rounds, in seconds."""

    def __init__(
        self, demo: dict[str, Any], utility: dict[str, Any], account: dict[str, Any], journal: Journal, pause: float
    ) -> None:
        self.api = demo["api"]
        self.utility = utility
        self.account = account
        self.journal = journal
        self.pause = pause

    async def live(self, chance: random.Random, over: asyncio.Event) -> None:
        """This will go round until it is over, or until an hour's purchases are made."""
        async with httpx.AsyncClient(headers={"Host": self.utility["host"], **source()}) as client:
            try:
                await self._log_in(client)
                meter_id = await self._meter(client)
                for round in range(MOST):
                    if over.is_set():
                        break
                    await self._buy(client, meter_id, chance)
                    await self._ask(client, chance)
                    await self._give_contact(client, round, chance)
                    await _pause(over, chance.uniform(0, 2 * self.pause))
            except AssertionError as error:
                self.journal.broken.append(f"a customer could not go on: {error}")

    async def _log_in(self, client: httpx.AsyncClient) -> None:
        login = {"number": self.account["number"], "password": self.account["password"]}
        session = (await insist(client, f"{self.api}/session", login, {}, 201)).reply.json()
        client.headers["Authorization"] = f"Bearer {session['token']}"

    async def _meter(self, client: httpx.AsyncClient) -> str:
        while True:
            try:
                reply = await client.get(f"{self.api}/me", timeout=20)
                if reply.status_code == 200:
                    meters: list[dict[str, Any]] = reply.json()["meters"]
                    return str(next(each["meter_id"] for each in meters if each["number"] == self.account["meter"]))
            except httpx.HTTPError:
                pass
            await asyncio.sleep(RETRY_S)

    async def _buy(self, client: httpx.AsyncClient, meter_id: str, chance: random.Random) -> None:
        amount = chance.choice((2500, 5000, 7500))
        wish = {"meter_id": meter_id, "amount": amount}
        answered = await insist(client, f"{self.api}/purchases", wish, _key(chance), 202)
        told = answered.reply.json()
        promise = self._promised("purchase", answered, id=told["purchase_id"], amount=amount)
        does = chance.choices(("pays", "is declined, and leaves", "leaves"), (8, 1, 1))[0]
        if told["pay_at"] is not None and does != "leaves":
            await _type(client, told["pay_at"], PAYS if does == "pays" else DECLINED)
        if does != "pays":
            await insist(client, f"{self.api}/purchases/{told['status']}/cancellation", {}, {}, 202)
        await watch(client, f"{self.api}/purchases", told["status"], promise, self.journal)

    async def _ask(self, client: httpx.AsyncClient, chance: random.Random) -> None:
        asked = {"topic": "meter", "subject": "The display is dark", "text": "Since this morning."}
        self._promised("request", await insist(client, f"{self.api}/me/requests", asked, _key(chance), 201))

    async def _give_contact(self, client: httpx.AsyncClient, round: int, chance: random.Random) -> None:
        """No key protects this one: where the answer was lost, it may be refused as being there already."""
        await self._log_in(client)  # contacts are changed only by whoever gave the password a short while ago
        given = {"email": f"torture.{self.account['number']}.{round}.{chance.getrandbits(32):x}@example.org"}
        answered = await insist(client, f"{self.api}/me/contacts", given, {}, 200, 201, 202, 409, 422)
        if answered.reply.status_code < 400:
            self._promised("contact", answered)

    def _promised(self, kind: str, answered: Answered, **more: Any) -> Promise:
        now = asyncio.get_running_loop().time()
        position = answered.reply.json()["position"]
        promise = Promise(self.utility["code"], kind, position, answered.sent_at, now, **more)
        self.journal.promises.append(promise)
        return promise


async def _type(client: httpx.AsyncClient, page: str, number: str) -> None:
    """This will type a card on the provider's page until the page has taken it; pressed twice, the second is told so."""
    async with httpx.AsyncClient() as browser:
        while True:
            try:
                reply = await browser.post(page, data={"number": number, **TYPED}, timeout=20)
                if reply.status_code < 500:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(RETRY_S)


def _key(chance: random.Random) -> dict[str, str]:
    return {"Idempotency-Key": f"torture-{chance.getrandbits(96):x}"}


async def _pause(over: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(over.wait(), seconds)
    except TimeoutError:
        return
