"""Buying power through JSON on the whole running portal, with the provider's and Juice's stand-ins losing and doubling things."""

from __future__ import annotations

import time
import uuid
from typing import Any

import httpx
import pytest

from tests.faults import faults
from tests.processes.people import source
from tests.running import Running

CARD = {"number": "4242424242424242", "expiry": "12 / 40", "cvc": "123", "name": "A. Payer"}


class Buyer:
    """A customer of the first utility, or of the one that is given, with a client of their own."""

    def __init__(self, demo: dict[str, Any], utility: dict[str, Any] | None = None) -> None:
        self.demo = demo
        utility = utility or demo["utilities"][0]
        account = next(a for a in utility["accounts"] if a["meter_kind"] == "STS" and "password" in a)
        self.client = httpx.Client(base_url=demo["api"], headers={**source(), "Host": utility["host"]}, timeout=120)
        login = {"number": account["number"], "password": account["password"]}
        session = self.client.post("/session", json=login).raise_for_status().json()
        self.client.headers["Authorization"] = f"Bearer {session['token']}"
        self.meter = next(m for m in self.client.get("/me").json()["meters"] if m["number"] == account["meter"])

    def begin(self, amount: int = 2500, key: str | None = None) -> dict[str, Any]:
        """This will begin a purchase, under one key until it is acknowledged."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        for _ in range(20):
            reply = self.client.post("/purchases", json={"meter_id": self.meter["meter_id"], "amount": amount}, headers=headers)
            if reply.status_code == 202:
                told: dict[str, Any] = reply.json()
                return told
            assert reply.status_code == 503, reply.text
            time.sleep(0.2)
        raise AssertionError("the purchase could not be begun")

    def pay(self, started: dict[str, Any]) -> None:
        """This will do what a browser does on the provider's page; nobody comes back from there."""
        assert httpx.post(started["pay_at"], data=CARD, timeout=120).status_code == 303

    def until(self, started: dict[str, Any], stage: str, patience_s: float = 90) -> dict[str, Any]:
        """This will wait until the purchase is at a stage."""
        deadline = time.monotonic() + patience_s
        while True:
            told: dict[str, Any] = self.client.get(f"/purchases/{started['status']}").raise_for_status().json()
            if told["stage"] == stage:
                return told
            assert time.monotonic() < deadline, told
            time.sleep(0.1)

    def payment(self, started: dict[str, Any]) -> dict[str, Any]:
        """What the provider says of the purchase's one payment."""
        listed = httpx.get(f"{self.demo['credit_cards']}/__payments", timeout=120).raise_for_status().json()["payments"]
        (found,) = [each for each in listed if each["metadata"].get("purchase_id") == started["purchase_id"]]
        return dict(found)


@pytest.fixture
def buyer(running_portal: Running) -> Buyer:
    return Buyer(running_portal.demo)


class APurchase:
    def test_is_issued_and_charged_once_though_nobody_comes_back_from_the_payment_page(self, buyer: Buyer) -> None:
        started = buyer.begin()
        buyer.pay(started)
        told = buyer.until(started, "captured")
        assert told["receipt"]["tokens"][-1]["kind"] == "credit" and len(told["receipt"]["tokens"][-1]["digits"]) == 20
        payment = buyer.payment(started)
        assert (payment["authorised"], payment["captured"], payment["amount_received"]) == (1, 1, 2500)

    def test_is_charged_once_whatever_the_provider_loses(self, buyer: Buyer) -> None:
        with faults(buyer.demo["credit_cards"], {"kind": "lose-reply", "times": 1, "on": "open"}):
            started = buyer.begin()
        lost = [{"kind": "lose-reply", "times": 2, "on": "look"}, {"kind": "lose-reply", "times": 2, "on": "capture"}]
        with faults(buyer.demo["credit_cards"], *lost):
            buyer.pay(started)
            buyer.until(started, "captured")
        assert buyer.payment(started)["captured"] == 1

    def test_is_charged_once_with_webhooks_doubled_and_turned_round(self, buyer: Buyer) -> None:
        cards = buyer.demo["credit_cards"]
        with faults(cards, {"kind": "hold-webhooks", "times": 4}, {"kind": "double-webhooks", "times": 4}):
            started = buyer.begin()
            buyer.pay(started)
            httpx.post(f"{cards}/__webhooks", json={"order": "reversed"}).raise_for_status()
            buyer.until(started, "captured")
        assert buyer.payment(started)["captured"] == 1

    def test_that_juice_refuses_is_let_go(self, buyer: Buyer) -> None:
        started = buyer.begin()
        with faults(buyer.demo["juice"], {"kind": "refuse", "times": 1, "path": "/vends", "rule": "BlockedMeter"}):
            buyer.pay(started)
            assert buyer.until(started, "released")["rule"] == "BlockedMeter"
        payment = buyer.payment(started)
        assert (payment["status"], payment["captured"]) == ("canceled", 0)
