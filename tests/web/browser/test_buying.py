"""Buying power with a credit card through the whole portal and the provider's page, in a real browser (journeys 11 and 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.faults import faults
from tests.web.browser.conftest import Site, Window
from tests.web.browser.elsewhere import Elsewhere, path_of
from tests.web.browser.walks import ONCE_EACH, TWENTY_DIGITS, customer_of, log_in, seen

PAYS, ASKS, DECLINED = "4242 4242 4242 4242", "4000 0027 6000 3184", "4000 0000 0000 0002"


class Customer:
    """A customer of one utility in a phone's browser, from the log-in on."""

    def __init__(self, page: Page, site: Site, *, javascript: bool) -> None:
        self.page, self.site, self.javascript = page, site, javascript
        self.utility = site["utility"]
        self.amount = "20" if self.utility["code"] == "harbour" else "20000"
        self.account = customer_of(self.utility, place=1)  # not the first, for which others buy up to the limit of an hour
        log_in(page, site, self.account["number"], self.account["password"])

    def to_payment(self, amount: str | None = None) -> Customer:
        """This will go from the dashboard to the provider's page, having seen where the money will go."""
        page = self.page
        page.get_by_role("link", name="Buy power", exact=True).first.click()
        seen(page)
        page.get_by_label("Amount in").fill(amount or self.amount)
        if page.get_by_role("radio").count() > 1:
            page.get_by_role("radio").first.check()
        if not self.javascript:
            page.get_by_role("button", name="Continue").click()
        else:
            page.get_by_label("Amount in").press("Tab")
        expect(page.get_by_role("heading", name="Where the money will go")).to_be_visible()
        seen(page)
        page.get_by_role("button", name=re.compile("Pay ")).click()
        page.wait_for_url(f"{self.site['credit_cards']}/**")
        return self

    def pay(self, number: str) -> Customer:
        """This will type a card on the provider's page."""
        page = self.page
        page.get_by_label("Card number").fill(number)
        page.get_by_label("Expiry").fill("12 / 40")
        page.get_by_label("Security code").fill("123")
        page.get_by_label("Name on card").fill("A. Payer")
        page.get_by_role("button", name=re.compile("Pay ")).click()
        return self

    def paid(self) -> list[str]:
        """This will wait for the end on our own page, and give the tokens."""
        expect(self.page.locator("h1")).to_contain_text("paid")
        seen(self.page)
        expect(self.page.get_by_text("Your card was charged once")).to_be_visible()
        return self.page.locator(".token").all_inner_texts()

    def payment(self) -> dict[str, Any]:
        """What the provider says became of the last payment of this utility."""
        listed = httpx.get(f"{self.site['credit_cards']}/__payments").raise_for_status().json()["payments"]
        return [each for each in listed if each["account"] == self.utility["code"]][-1]


@pytest.fixture
def customer(window: Window, site: Site, javascript: bool) -> Any:
    """Opens a phone's browser for a customer who is logged in."""

    @contextmanager
    def opened(**options: Any) -> Iterator[Customer]:
        with window(**options) as page:
            yield Customer(page, site, javascript=javascript)

    return opened


class ACustomerWithACreditCard:
    def test_pays_on_the_providers_page_and_gets_a_token(self, customer: Any, elsewhere: Elsewhere) -> None:
        with customer() as one:
            tokens = one.to_payment().pay(PAYS).paid()
            assert tokens and all(TWENTY_DIGITS.fullmatch(token) for token in tokens)
            assert (one.payment()["status"], one.payment()["captured"]) == ("succeeded", 1)
            purchase = path_of(one.page)
            one.page.get_by_role("link", name="To the dashboard").click()
            expect(one.page.locator(".activity strong").first).to_have_text("Credit card")
            elsewhere.must_not_meet(one.page, purchase, words=tuple(tokens))

    @ONCE_EACH
    def test_shows_the_bank_who_they_are(self, customer: Any) -> None:
        with customer() as one:
            one.to_payment().pay(ASKS)
            one.page.get_by_role("button", name="Yes, it is me").click()
            assert one.paid()

    @ONCE_EACH
    def test_comes_back_from_the_payment_page_by_the_browsers_own_button_and_pays_after_all(self, customer: Any) -> None:
        with customer() as one:
            one.to_payment().page.go_back()
            seen(one.page)
            expect(one.page.get_by_role("heading", name="Where the money will go")).to_be_visible()
            one.page.get_by_role("button", name=re.compile("Pay ")).click()
            assert one.pay(PAYS).paid()
            assert one.payment()["captured"] == 1

    @ONCE_EACH
    def test_is_told_once_that_an_amount_is_none(self, customer: Any) -> None:
        with customer(refusals=True) as one:
            page = one.page
            page.get_by_role("link", name="Buy power", exact=True).first.click()
            page.get_by_label("Amount in").fill("2OO")
            if page.get_by_role("radio").count() > 1:
                page.get_by_role("radio").first.check()
            page.get_by_label("Amount in").press("Enter")
            expect(page.get_by_text("Please look at one field again:")).to_be_visible()
            page.wait_for_load_state("networkidle")
            # Above the form, and at the field.
            expect(page.get_by_text("That is not an amount")).to_have_count(2)
            expect(page.get_by_label("Amount in")).to_have_value("2OO")

    @ONCE_EACH
    def test_may_try_another_card_where_one_is_declined(self, customer: Any) -> None:
        with customer() as one:
            one.to_payment().pay(DECLINED)
            expect(one.page.get_by_role("alert")).to_contain_text("declined")
            assert one.pay(PAYS).paid()
            assert one.payment()["captured"] == 1

    @ONCE_EACH
    def test_who_leaves_the_payment_page_is_charged_nothing_and_may_go_on_or_cancel(self, customer: Any) -> None:
        with customer() as one:
            one.to_payment()
            one.page.get_by_role("link", name="Back without paying").click()
            expect(one.page.locator("h1")).to_contain_text("You left the payment page")
            expect(one.page.get_by_text("Nothing was charged.")).to_be_visible()
            seen(one.page)
            one.page.get_by_role("button", name="Back to the payment page").click()
            one.page.wait_for_url(f"{one.site['credit_cards']}/**")
            one.page.get_by_role("link", name="Back without paying").click()
            one.page.get_by_role("button", name="Cancel this purchase").click()
            expect(one.page.locator("h1")).to_contain_text("cancelled")
            seen(one.page)

    @ONCE_EACH
    def test_is_charged_once_where_juices_answer_is_lost(self, customer: Any, site: Site, elsewhere: Elsewhere) -> None:
        lost = {"kind": "lose-reply", "times": 1, "path": "/vends"}
        away = {"kind": "unavailable", "times": 500, "path": "/advices"}
        with customer() as one:
            one.to_payment()
            with faults(site["juice"], lost, away):
                one.pay(PAYS)
                expect(one.page.get_by_text("You will not be charged twice.")).to_be_visible()
                seen(one.page)
                elsewhere.finds_nothing(path_of(one.page))
            assert one.paid()
            assert (one.payment()["authorised"], one.payment()["captured"]) == (1, 1)

    @ONCE_EACH
    def test_is_charged_nothing_where_juice_sells_nothing(self, customer: Any, site: Site) -> None:
        with customer() as one:
            one.to_payment()
            with faults(site["juice"], {"kind": "refuse", "times": 1, "path": "/vends", "rule": "BlockedMeter"}):
                one.pay(PAYS)
                expect(one.page.locator("h1")).to_contain_text("Nothing was bought")
            expect(one.page.get_by_text("The bank no longer keeps the money")).to_be_visible()
            seen(one.page)
            assert (one.payment()["status"], one.payment()["captured"]) == ("canceled", 0)
