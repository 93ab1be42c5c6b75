"""Cards: PCI SAQ A. A Luhn scan over requests, logs, events and tables finds no card number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from standins.cards.numbers import TEST_CARDS
from tests.in_the_clear.search import LONG_RUN, everything
from tests.processes.test_purchases import CARD, Buyer
from tests.running import Running
from tests.web.api.live import document
from tests.web.api.test_requests import ASKED, key
from tests.web.people import at_the_console
from tests.web.scene import Scene
from tests.web.visitor import Visitor, words
from web.access.matrix import MATRIX
from web.access.roles import Role
from web.journeys import card_numbers

GROUPED = "4242 4242 4242 4242"


class ACardNumber:
    @pytest.mark.parametrize("number", [*TEST_CARDS, "378282246310005", "6011111111111117", "30569309025904", "2223003122003222"])
    def test_is_found_however_it_is_written(self, number: str) -> None:
        fours = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
        wide = number.translate({ord("0") + each: 0xFF10 + each for each in range(10)})
        arabic = number.translate({ord("0") + each: 0x0660 + each for each in range(10)})
        for written in (number, fours, fours.replace(" ", "-"), fours.replace(" ", "\u00a0"), wide, arabic):
            assert card_numbers.holds_one(f"I paid with {written}, and nothing came."), written
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        assert not card_numbers.holds_one(wrong)

    @pytest.mark.parametrize(
        "text",
        [
            "5312 0987 6543 2109 8765",  # a token for the meter
            "4242 4242 4242 4242 4242",
            "41300200114",  # a meter
            "6007 2741 3002 0011 43",  # a meter with its issuer's number, as STS writes it
            "+27 82 555 0001, or 082 555 0002",
            "2026-11-25 16:20:33, receipt 1234567890",
            "",
        ],
    )
    def test_is_not_seen_in_what_is_none(self, text: str) -> None:
        assert not card_numbers.holds_one(text)


class WhatACustomerWrites:
    async def test_is_refused_with_a_card_number_in_it_and_lost_is_nothing(self, scene: Scene) -> None:
        token = await scene.log_in()
        for field in ("subject", "text"):
            reply = await scene.post("/me/requests", ASKED | {field: f"Card {GROUPED}"}, token=token, headers=key())
            assert (reply.status_code, list(reply.json["errors"])) == (422, [field])
            assert "4242" not in reply.text
        opened = await scene.post("/me/requests", ASKED, token=token, headers=key())
        path = f"/me/requests/{opened.json['reference']}/comments"
        said = await scene.post(path, {"text": GROUPED}, token=token, headers=key())
        assert (said.status_code, list(said.json["errors"])) == (422, ["text"])
        visitor = Visitor(scene)
        await visitor.log_in()
        page = await visitor.send("/requests/new", topic="card", subject="Charged", text=GROUPED, idempotency_key="k" * 32)
        assert page.status_code == 422 and GROUPED in page.text and "leave it out" in words(page)

    async def test_is_refused_to_the_staff_too(self, scene: Scene) -> None:
        await at_the_console(scene, Role.STAFF)
        staff = scene.api_key(Role.STAFF)
        reply = await scene.post("/requests", ASKED | {"number": "41000017", "text": GROUPED}, token=staff, headers=key())
        assert (reply.status_code, list(reply.json["errors"])) == (422, ["text"])


class NothingOfOurs:
    def test_asks_for_a_card_number(self) -> None:
        schemas = document()["components"]["schemas"]
        taken = {name.lower() for kind, schema in schemas.items() if kind.endswith("Request") for name in schema["properties"]}
        assert taken and not taken & {"pan", "card", "card_number", "cardnumber", "cvc", "cvv", "expiry", "exp_month"}
        pages = [path.read_text() for path in (Path(__file__).parent.parent.parent / "web").rglob("*.html")]
        assert not [page for page in pages if re.search(r'autocomplete="cc-|name="(?:cvc|cvv|card_number)"', page)]
        assert not [template for _, template in MATRIX if "cvc" in template]


@pytest.fixture(scope="module")
def paid(running_portal: Running) -> Iterator[tuple[Running, Buyer]]:
    """The portal after somebody paid with a card, tried to type its number into Seed, and got their power."""
    buyer = Buyer(running_portal.demo)
    started = buyer.begin()
    assert urlsplit(started["pay_at"]).netloc != urlsplit(running_portal.demo["site"]).netloc
    buyer.pay(started)
    buyer.until(started, "captured")
    number = CARD["number"]
    wish = {"meter_id": buyer.meter["meter_id"], "amount": 2500}
    for body in (wish | {"card": number}, wish | {"meter_id": number}, wish | {"amount": number}, {"number": number}):
        assert buyer.client.post("/purchases", json=body, headers=key()).status_code == 422
    assert buyer.client.post("/me/requests", json=ASKED | {"text": number}, headers=key()).status_code == 422
    buyer.client.get(f"/purchases/{number}")
    buyer.client.post("/identity/questions", json={"number": number})
    buyer.client.post("/session", json={"number": number, "password": number})
    buyer.client.post("/cards/checks", json={"serial": number, "code": number})
    yield running_portal, buyer


class ALuhnScan:
    def test_finds_no_card_number_in_any_table(self, paid: tuple[Running, Buyer]) -> None:
        looked, leaks = 0, {}
        for schema, table, column, text in everything(paid[0].dsn):
            looked += len(text)
            numbers = [found for found in LONG_RUN.findall(text) if card_numbers.holds_one(found)]
            numbers += [written for written in (CARD["number"], GROUPED) if written in text]
            if numbers:
                leaks[schema, table, column] = numbers
        assert looked > 100_000 and leaks == {}

    def test_finds_no_card_number_in_any_log(self, paid: tuple[Running, Buyer]) -> None:
        for path in Path(paid[0].folder).glob("*.log"):
            text = path.read_text(errors="replace")
            numbers = [found for found in LONG_RUN.findall(text) if card_numbers.holds_one(found)]
            assert not numbers and CARD["number"] not in text, path.name

    def test_would_find_one(self) -> None:
        """Were it blind, it would find nothing either."""
        assert [each for each in LONG_RUN.findall(f'{{"number": "{CARD["number"]}"}}') if card_numbers.holds_one(each)]
