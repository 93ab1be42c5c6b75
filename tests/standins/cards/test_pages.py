"""The hosted page in a browser, with and without JavaScript: people pay, are declined, are asked by their bank, and go back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import opened, overflow
from tests.cards_standin import CHALLENGES, DECLINED, EXPIRED, PAYS, POOR, CardsStandin, WebhookSite, order
from vending.card_provider import Checkout, Order


class Shop:
    """Opens checkouts, and is where payers come from and go back to."""

    def __init__(self, standin: CardsStandin, site: WebhookSite) -> None:
        self._standin = standin
        self.back, self.bought = f"{site.url}/buy", f"{site.url}/bought"

    def open(self, **changes: Any) -> tuple[Order, Checkout]:
        wanted = order(cancel_url=self.back, success_url=self.bought + "?checkout={CHECKOUT_SESSION_ID}", **changes)

        async def ask() -> Checkout:
            client = self._standin.client()
            try:
                return await client.open_checkout(wanted)
            finally:
                await client.aclose()

        with ThreadPoolExecutor(1) as beside:  # the browser has a loop of its own on this thread
            return wanted, beside.submit(asyncio.run, ask()).result()

    def outcome(self, wanted: Order) -> dict[str, Any]:
        (payment,) = self._standin.payments(wanted.purchase_id)
        return payment


@pytest.fixture
def shop(cards_standin: CardsStandin, webhook_site: WebhookSite) -> Shop:
    return Shop(cards_standin, webhook_site)


@pytest.fixture(params=[True, False], ids=["with-javascript", "without"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with opened(browser, javascript=request.param, refusals=True) as page:
        yield page


def fill(page: Page, number: str = PAYS, expiry: str = "12 / 40", cvc: str = "123", name: str = "A. Payer") -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry").fill(expiry)
    page.get_by_label("Security code").fill(cvc)
    page.get_by_label("Name on card").fill(name)
    assert overflow(page) <= 0
    page.get_by_role("button", name="Pay").click()


class APayer:
    def test_sees_what_is_paid_for_and_that_no_money_moves(self, page: Page, shop: Shop) -> None:
        _, checkout = shop.open(amount=1234567, currency="UGX", description="Electricity for meter ending 0114")
        page.goto(str(checkout.url))
        expect(page.locator("h1")).to_contain_text("Electricity for meter ending 0114")
        expect(page.locator("h1")).to_contain_text("UGX 1,234,567")
        expect(page.get_by_text("No money moves here")).to_be_visible()
        assert overflow(page) <= 0

    def test_pays_and_comes_back_to_the_shop(self, page: Page, shop: Shop) -> None:
        wanted, checkout = shop.open()
        page.goto(str(checkout.url))
        fill(page)
        page.wait_for_url(f"{shop.bought}?checkout={checkout.id}")
        assert (shop.outcome(wanted)["status"], shop.outcome(wanted)["authorised"]) == ("requires_capture", 1)

    def test_goes_back_without_paying(self, page: Page, shop: Shop, cards_standin: CardsStandin) -> None:
        wanted, checkout = shop.open()
        page.goto(str(checkout.url))
        page.get_by_role("link", name="Back without paying").click()
        page.wait_for_url(shop.back)
        assert cards_standin.payments(wanted.purchase_id) == []

    @pytest.mark.parametrize(
        ("number", "said"),
        [(DECLINED, "declined"), (POOR, "insufficient funds"), (EXPIRED, "expired"), ("4111111111111111", "test cards")],
    )
    def test_who_is_declined_may_try_another_card(self, page: Page, shop: Shop, number: str, said: str) -> None:
        wanted, checkout = shop.open()
        page.goto(str(checkout.url))
        fill(page, number)
        expect(page.get_by_role("alert")).to_contain_text(said)
        expect(page.get_by_label("Card number")).to_have_value("")
        fill(page)
        page.wait_for_url(f"{shop.bought}*")
        found = shop.outcome(wanted)
        assert (found["declined"], found["authorised"]) == (1, 1)

    def test_whose_bank_asks_says_yes_and_has_paid(self, page: Page, shop: Shop) -> None:
        wanted, checkout = shop.open()
        page.goto(str(checkout.url))
        fill(page, CHALLENGES)
        expect(page.locator("h1")).to_have_text("Is it you?")
        assert overflow(page) <= 0 and shop.outcome(wanted)["authorised"] == 0
        page.get_by_role("button", name="Yes, it is me").click()
        page.wait_for_url(f"{shop.bought}*")
        assert shop.outcome(wanted)["authorised"] == 1

    def test_whose_bank_asks_says_no_and_may_try_another_card(self, page: Page, shop: Shop) -> None:
        wanted, checkout = shop.open()
        page.goto(str(checkout.url))
        fill(page, "4000 0000 0000 3220")
        page.get_by_role("button", name="No, stop this").click()
        expect(page.get_by_role("alert")).to_contain_text("could not confirm")
        assert shop.outcome(wanted)["authorised"] == 0
        fill(page)
        page.wait_for_url(f"{shop.bought}*")

    def test_is_told_which_field_is_wrong_and_keeps_what_was_right(
        self, page: Page, shop: Shop, cards_standin: CardsStandin
    ) -> None:
        wanted, checkout = shop.open()
        page.goto(str(checkout.url))
        fill(page, "4242 4242 4242 4241", "01 / 20", "1", "A. Payer")
        expect(page.get_by_text("There is a slip in the card number")).to_be_visible()
        expect(page.get_by_text("This card has expired")).to_be_visible()
        expect(page.get_by_text("3 digits of the security code")).to_be_visible()
        expect(page.get_by_label("Name on card")).to_have_value("A. Payer")
        expect(page.get_by_label("Security code")).to_have_value("")
        assert overflow(page) <= 0 and cards_standin.payments(wanted.purchase_id) == []

    def test_who_comes_again_is_not_charged_again(self, page: Page, shop: Shop) -> None:
        wanted, checkout = shop.open()
        page.goto(str(checkout.url))
        fill(page)
        page.wait_for_url(f"{shop.bought}*")
        page.goto(str(checkout.url))
        expect(page.locator("h1")).to_have_text("This is paid already")
        page.get_by_role("link", name="Go on").click()
        page.wait_for_url(f"{shop.bought}*")
        assert shop.outcome(wanted)["authorised"] == 1


class APage:
    def test_escapes_what_the_shop_calls_its_goods(self, shop: Shop) -> None:
        _, checkout = shop.open(description="<script>alert(1)</script>")
        shown = httpx.get(str(checkout.url)).text
        assert "<script>" not in shown and "&lt;script&gt;" in shown

    def test_lets_its_form_end_at_the_shop_and_nowhere_else(self, shop: Shop) -> None:
        _, checkout = shop.open()
        policy = httpx.get(str(checkout.url)).headers["content-security-policy"]
        assert f"form-action 'self' {shop.bought.rpartition('/')[0]};" in policy and "default-src 'none'" in policy

    def test_that_is_none_says_so(self, cards_standin: CardsStandin) -> None:
        for path in ("/c/pay/cs_test_none", "/c/pay/", "/c/pay/a/b/c"):
            assert httpx.get(cards_standin.base_url + path).status_code == 404

    def test_pressed_twice_charges_once(self, shop: Shop, cards_standin: CardsStandin) -> None:
        wanted, checkout = shop.open()
        replies = [cards_standin.pay(str(checkout.url)).status_code for _ in range(3)]
        assert replies == [303, 200, 200] and shop.outcome(wanted)["authorised"] == 1


class ACardsNumber:
    def test_is_nowhere_in_what_the_stand_in_keeps(
        self, shop: Shop, cards_process: CardsStandin, cards_standin: CardsStandin
    ) -> None:
        numbers = [PAYS, DECLINED, CHALLENGES]
        for number in numbers:
            _, checkout = shop.open()
            cards_standin.pay(str(checkout.url), number, cvc="987", name="Nobody Atall")
        kept = b"".join(path.read_bytes() for path in Path(cards_process.state).iterdir())
        assert b"4242" in kept
        for number in numbers:
            assert number.encode() not in kept and number.replace(" ", "").encode() not in kept
        assert b"Nobody Atall" not in kept
