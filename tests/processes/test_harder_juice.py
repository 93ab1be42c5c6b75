"""The whole portal at a Juice that keeps no message ids: what is lost is found, and sold once."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.faults import faults
from tests.processes.people import Acknowledged, sellable, source, spare_cards, until_ended
from tests.processes.test_purchases import Buyer
from tests.running import Running, tended
from vending.juice_answers import Reply
from vending.juice_http import HttpJuice


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("harder"))
    running.environment["SEED_JUICE_ADVICE"] = "no"
    with tended(running) as portal:
        yield portal
        assert portal.unexpected() == []


async def sold(portal: Running, meter: str) -> list[Reply]:
    """What Juice sold for a meter under the tender of Seed's purchases and cards."""
    first = json.loads((portal.folder / "juice.ready").read_text())["utilities"][0]
    async with httpx.AsyncClient() as client:
        juice = HttpJuice(first["url"], first["key"], client=client, knows_messages=False)
        listed = await juice.reprint(count=50, meter=meter)
    return [each for each in listed if each.type in ("Cash-CC", "JC")]


class AtAJuiceWithoutMessageIds:
    def test_a_purchase_whose_reply_was_lost_is_found_sold_once_and_charged_once(self, portal: Running) -> None:
        buyer = Buyer(portal.demo)
        meter = buyer.meter["number"]
        before = asyncio.run(sold(portal, meter))
        started = buyer.begin()
        with faults(portal.demo["juice"], {"kind": "lose-reply", "times": 1, "path": "/vends"}):
            buyer.pay(started)
            told = buyer.until(started, "captured")
        (made,) = [each for each in asyncio.run(sold(portal, meter)) if each not in before]
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
        assert [each.serial for each in asyncio.run(sold(portal, meter))].count(card["serial"]) == 1
