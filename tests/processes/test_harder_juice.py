"""The whole portal at a Juice that keeps no message ids: what is lost is found, and sold once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.faults import faults
from tests.processes.people import Acknowledged, sellable, source, spare_cards, until_ended
from tests.processes.test_api_journeys import until, with_key
from tests.processes.test_purchases import Buyer
from tests.processes.till import Till
from tests.running import Running, tended


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("harder"))
    running.environment["SEED_JUICE_ADVICE"] = "no"
    with tended(running) as portal:
        yield portal
        assert portal.unexpected() == []


@pytest.fixture
def utility(portal: Running, place: int) -> dict[str, Any]:
    return dict(portal.demo["utilities"][place])


@pytest.fixture
def other(portal: Running, place: int) -> dict[str, Any]:
    return dict(portal.demo["utilities"][1 - place])


class AtAJuiceWithoutMessageIds:
    def test_a_purchase_whose_reply_was_lost_is_found_sold_once_and_charged_once(self, portal: Running) -> None:
        buyer = Buyer(portal.demo)
        meter = buyer.meter["number"]
        till = Till(portal, portal.demo["utilities"][0]["code"])
        before = till.sold(meter)
        started = buyer.begin()
        with faults(portal.demo["juice"], {"kind": "lose-reply", "times": 1, "path": "/vends"}):
            buyer.pay(started)
            told = buyer.until(started, "captured")
        (made,) = [each for each in till.sold(meter) if each not in before]
        assert made.message_id is None and told["receipt"]["juice_number"] == made.transaction
        payment = buyer.payment(started)
        assert (payment["authorised"], payment["captured"], payment["amount_received"]) == (1, 1, 2500)

    def test_a_card_whose_reply_was_lost_is_credited_once(self, portal: Running) -> None:
        utility, api = portal.demo["utilities"][0], portal.demo["api"]
        card, meter = spare_cards(utility, 40)[0], sellable(utility)[5]
        body = {"serial": card["serial"], "code": card["code"], "number": meter}

        async def redeem() -> str:
            async with httpx.AsyncClient() as client:
                headers = {**source(), "Idempotency-Key": str(uuid.uuid4())}
                told = (await client.post(f"{api}/redemptions", json=body, headers=headers)).raise_for_status().json()
                begun = Acknowledged(card, told["redemption_id"], told["status"], told["position"])
                return str((await until_ended(api, client, begun))["stage"])

        with faults(portal.demo["juice"], {"kind": "lose-reply", "times": 1, "path": "/redemptions"}):
            assert asyncio.run(redeem()) == "redeemed"
        assert [each.serial for each in Till(portal, utility["code"]).sold(meter)].count(card["serial"]) == 1

    def test_a_purchase_that_another_till_sold_too_is_settled_by_staff_and_charged_once(
        self, portal: Running, utility: dict[str, Any], other: dict[str, Any]
    ) -> None:
        buyer, till = Buyer(portal.demo, utility), Till(portal, utility["code"])
        meter, amount = buyer.meter["number"], 3100 if utility["code"] == "harbour" else 31_000
        started = buyer.begin(amount)
        another = till.sells(meter, amount).transaction
        with faults(portal.demo["juice"], {"kind": "lose-reply", "times": 1, "path": "/vends"}):
            buyer.pay(started)
            buyer.until(started, "in-doubt")
        staff, others, auditor = (
            with_key(portal.demo, *who).client for who in ((utility, "staff"), (other, "staff"), (utility, "auditor"))
        )
        path = f"/purchases/{started['purchase_id']}"

        def candidates() -> dict[str, Any]:
            told: dict[str, Any] = staff.get(f"{path}/candidates").json()
            return told

        found = until(candidates, lambda told: len(told["candidates"]) == 2)
        (ours,) = {each["transaction"] for each in found["candidates"]} - {another}
        decision = {"transaction": ours, "reason": "The operator read the till's roll to me."}
        assert others.get(f"{path}/candidates").status_code == 404
        assert others.post(f"{path}/decision", json=decision).status_code == 404
        assert auditor.post(f"{path}/decision", json=decision).status_code == 403
        early = staff.post(f"{path}/decision", json=decision | {"transaction": "none"})
        assert (early.status_code, early.json()["rule"]) == (409, "TooEarlyToSay")
        assert staff.post(f"{path}/decision", json=decision).status_code == 200
        told = buyer.until(started, "captured")
        assert told["receipt"]["juice_number"] == ours and told["receipt"]["tokens"]
        payment = buyer.payment(started)
        assert (payment["authorised"], payment["captured"]) == (1, 1)
        assert {each.transaction for each in till.sold(meter) if each.amount == amount} == {ours, another}
