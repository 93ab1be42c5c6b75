"""Redeeming a Juice card, logged in or not, in a real browser (journeys 12 and 14)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, expect

from tests.faults import faults
from tests.web.browser.conftest import Site, Window
from tests.web.browser.elsewhere import Elsewhere, path_of
from tests.web.browser.walks import (
    ONCE_EACH,
    TWENTY_DIGITS,
    amount_seen,
    customer_of,
    fill_card,
    log_in,
    press_redeem,
    redeem,
    seen,
    send_card,
    tokens,
)

Cards = Iterator[dict[str, Any]]


def refused(page: Page, site: Site, card: dict[str, Any], number: str, said: str) -> None:
    """This will try a card that cannot be redeemed, and see why it is said not to be."""
    page.goto(f"{site['site']}/redeem")
    page.get_by_label("Serial number").fill(card["serial"])
    page.get_by_label("Scratch code").fill(card["code"])
    page.get_by_label("Meter or account number").fill(number)
    send_card(page)
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_label("Serial number")).to_have_value(card["serial"])
    seen(page)


class AVisitorWithACard:
    def test_gets_a_token_without_logging_in(
        self, window: Window, site: Site, cards: Cards, newcomer: dict[str, Any], elsewhere: Elsewhere, javascript: bool
    ) -> None:
        card, strange = next(cards), customer_of(elsewhere.utility)
        with window(refusals=True) as page:
            refused(page, elsewhere.site, card, strange["meter"], "do not belong to a card")
        with window() as page:
            redeem(page, site, card, newcomer["meter"], javascript=javascript)
            assert all(TWENTY_DIGITS.fullmatch(token) for token in tokens(page))
            elsewhere.finds_nothing(path_of(page))
            page.go_back()  # to an empty form, and not to one that would be sent again
            expect(page.get_by_label("Serial number")).to_have_value("")
            seen(page)

    @ONCE_EACH
    def test_is_told_that_a_used_card_is_used(
        self, window: Window, site: Site, cards: Cards, newcomer: dict[str, Any], javascript: bool
    ) -> None:
        card = next(cards)
        with window() as page:
            redeem(page, site, card, newcomer["meter"], javascript=javascript)
            tokens(page)
        # What the server refuses is an error to the browser's console: the page itself must say it in words.
        with window(refusals=True) as page:
            refused(page, site, card, newcomer["meter"], "before. A card credits once.")

    @ONCE_EACH
    def test_cannot_credit_a_meter_of_another_utility_and_keeps_the_card(
        self, window: Window, site: Site, cards: Cards, newcomer: dict[str, Any], elsewhere: Elsewhere, javascript: bool
    ) -> None:
        card = next(cards)
        with window(refusals=True) as page:
            page.goto(f"{site['site']}/redeem")
            fill_card(page, card, javascript=javascript)
            page.get_by_label("Meter or account number").fill(customer_of(elsewhere.utility)["meter"])
            send_card(page)
            expect(page.get_by_role("alert")).to_contain_text("No account and no meter has this number.")
            page.get_by_label("Scratch code").fill(card["code"])
            page.get_by_label("Meter or account number").fill(newcomer["meter"])
            if javascript:
                amount_seen(page, card)
            press_redeem(page, card, javascript=javascript)
            assert tokens(page)

    @ONCE_EACH
    def test_redeems_with_the_enter_key(
        self, window: Window, site: Site, cards: Cards, newcomer: dict[str, Any], javascript: bool
    ) -> None:
        card = next(cards)
        with window() as page:
            page.goto(f"{site['site']}/redeem")
            page.get_by_label("Serial number").fill(card["serial"])
            page.get_by_label("Scratch code").fill(card["code"])
            number = page.get_by_label("Meter or account number")
            if javascript:
                # Enter leads to the field that is still empty, and the amount fills itself in meanwhile.
                page.get_by_label("Scratch code").press("Enter")
                expect(number).to_be_focused()
                amount_seen(page, card)
            number.fill(newcomer["meter"])
            number.press("Enter")
            expect(page.get_by_role("heading", name="Is this right?")).to_be_visible()
            expect(page.get_by_text(newcomer["meter"])).to_be_visible()
            amount_seen(page, card)
            page.keyboard.press("Tab")
            page.get_by_role("button", name="Redeem").press("Enter")
            assert tokens(page)

    @ONCE_EACH
    def test_may_type_the_code_once_more_where_the_meter_is_blocked(
        self, window: Window, site: Site, cards: Cards, newcomer: dict[str, Any], javascript: bool
    ) -> None:
        card, meter = next(cards), newcomer["meter"]
        blocked = {"kind": "refuse", "times": 1, "path": "/redemptions", "rule": "BlockedMeter"}
        with faults(site["juice"], blocked), window() as page:
            redeem(page, site, card, meter, javascript=javascript)
            expect(page.locator("h1")).to_contain_text("not redeemed")
            page.get_by_role("link", name="Try again").click()
            assert card["code"] not in page.url
            expect(page.get_by_label("Serial number")).to_have_value(card["serial"])
            expect(page.get_by_label("Scratch code")).to_have_value("")
            seen(page)
            fill_card(page, card, javascript=javascript)
            page.get_by_label("Meter or account number").fill(meter)
            press_redeem(page, card, javascript=javascript)
            assert tokens(page)

    @ONCE_EACH
    def test_is_not_charged_twice_where_the_answer_is_lost(
        self, window: Window, site: Site, cards: Cards, newcomer: dict[str, Any], elsewhere: Elsewhere, javascript: bool
    ) -> None:
        lost = {"kind": "lose-reply", "times": 1, "path": "/redemptions"}
        away = {"kind": "unavailable", "times": 500, "path": "/advices"}
        with window() as page:
            with faults(site["juice"], lost, away):
                redeem(page, site, next(cards), newcomer["meter"], javascript=javascript)
                expect(page.get_by_text("You will not be charged twice.")).to_be_visible()
                seen(page)
                elsewhere.finds_nothing(path_of(page))
            assert tokens(page)


class ACustomer:
    def test_redeems_for_an_own_meter_and_sees_it_on_the_dashboard(
        self, window: Window, site: Site, cards: Cards, elsewhere: Elsewhere, javascript: bool
    ) -> None:
        account, card = customer_of(site["utility"]), next(cards)
        with window() as page:
            log_in(page, site, account["number"], account["password"])
            expect(page.locator("h1")).to_contain_text("Hello")
            page.get_by_role("link", name="Redeem a Juice Card").click()
            fill_card(page, card, javascript=javascript)
            page.get_by_role("radio").first.check()
            press_redeem(page, card, javascript=javascript)
            shown, ended = tokens(page), path_of(page)
            page.get_by_role("link", name="To the dashboard").click()
            expect(page.locator("h1")).to_contain_text("Hello")
            seen(page)
            page.locator(".activity summary").first.click()
            assert page.locator(".activity details").first.locator(".token").all_inner_texts() == shown
            receipt = page.locator(".activity details").first.get_by_role("link", name="Open the receipt").get_attribute("href")
            elsewhere.must_not_meet(page, ended, str(receipt), words=tuple(shown))
