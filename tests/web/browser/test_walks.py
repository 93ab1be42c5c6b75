"""The first customers' ways through the whole portal, in a real browser, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import count
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import opened
from tests.processes.people import source
from tests.running import Running
from tests.web.browser.walks import (
    PASSWORD,
    PATIENCE_MS,
    amount_seen,
    fill_card,
    get_password,
    letter,
    log_in,
    press_redeem,
    redeem,
    seen,
    tokens,
)

TWENTY_DIGITS = re.compile(r"\d{4}( \d{4}){4}")
LINK = r"https?://\S+/{}/[\w-]+=*"

people = count(1)


@pytest.fixture(scope="module")
def demo(running_portal: Running) -> dict[str, Any]:
    return running_portal.demo


@pytest.fixture(scope="module")
def cards(demo: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (card for card in demo["utilities"][0]["cards"] if card["state"] == "activated")


@pytest.fixture(scope="module")
def strangers(demo: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Accounts whose owners have no password yet."""
    return (account for account in demo["utilities"][0]["accounts"] if "password" not in account)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def window(browser: Browser, javascript: bool) -> Any:
    """Opens a phone's browser, for somebody at an address of their own."""
    return partial(opened, browser, width=360, javascript=javascript, extra_http_headers=source())


Window = Any


def sts(demo: dict[str, Any], *, login: bool) -> dict[str, Any]:
    found = (a for a in demo["utilities"][0]["accounts"] if a["meter_kind"] == "STS" and ("password" in a) == login)
    return next(found)


@contextmanager
def fault(demo: dict[str, Any], *orders: dict[str, Any]) -> Iterator[None]:
    """Orders faults of the Juice stand-in, and takes back what is left of them."""
    for order in orders:
        httpx.post(f"{demo['juice']}/__faults", json=order).raise_for_status()
    try:
        yield
    finally:
        httpx.delete(f"{demo['juice']}/__faults").raise_for_status()


class AVisitorWithACard:
    def test_gets_a_token_without_logging_in(
        self, window: Window, demo: dict[str, Any], cards: Iterator[dict[str, Any]], javascript: bool
    ) -> None:
        with window() as page:
            redeem(page, demo, next(cards), sts(demo, login=False)["meter"], javascript=javascript)
            assert all(TWENTY_DIGITS.fullmatch(token) for token in tokens(page))

    def test_is_told_that_a_used_card_is_used(
        self, window: Window, demo: dict[str, Any], cards: Iterator[dict[str, Any]], javascript: bool
    ) -> None:
        card = next(cards)
        with window() as page:
            redeem(page, demo, card, sts(demo, login=False)["meter"], javascript=javascript)
            tokens(page)
        # What the server refuses is an error to the browser's console: the page itself must say it in words.
        with unwatched(window) as page:
            page.goto(f"{demo['site']}/redeem")
            page.get_by_label("Serial number").fill(card["serial"])
            page.get_by_label("Scratch code").fill(card["code"])
            page.get_by_label("Meter or account number").fill(sts(demo, login=False)["meter"])
            page.get_by_role("button", name="Redeem").click()
            said = page.get_by_text("used before").or_(page.get_by_text("redeemed before"))
            expect(said.first).to_be_visible(timeout=PATIENCE_MS)
            seen(page)

    def test_redeems_with_the_enter_key(
        self, window: Window, demo: dict[str, Any], cards: Iterator[dict[str, Any]], javascript: bool
    ) -> None:
        card = next(cards)
        with window() as page:
            page.goto(f"{demo['site']}/redeem")
            page.get_by_label("Serial number").fill(card["serial"])
            page.get_by_label("Scratch code").fill(card["code"])
            number = page.get_by_label("Meter or account number")
            if javascript:
                # Enter leads to the field that is still empty, and the amount fills itself in meanwhile.
                page.get_by_label("Scratch code").press("Enter")
                expect(number).to_be_focused()
                amount_seen(page, card)
            number.fill(sts(demo, login=False)["meter"])
            number.press("Enter")
            if not javascript:
                amount_seen(page, card)
                page.keyboard.press("Tab")
                page.get_by_role("button", name="Redeem").press("Enter")
            assert tokens(page)

    def test_may_type_the_code_once_more_where_the_meter_is_blocked(
        self, window: Window, demo: dict[str, Any], cards: Iterator[dict[str, Any]], javascript: bool
    ) -> None:
        card, meter = next(cards), sts(demo, login=False)["meter"]
        with fault(demo, {"kind": "refuse", "times": 1, "path": "/redemptions", "rule": "BlockedMeter"}), window() as page:
            redeem(page, demo, card, meter, javascript=javascript)
            expect(page.locator("h1")).to_contain_text("not redeemed", timeout=PATIENCE_MS)
            page.get_by_role("link", name="Try again").click()
            assert card["code"] not in page.url
            expect(page.get_by_label("Serial number")).to_have_value(card["serial"])
            expect(page.get_by_label("Scratch code")).to_have_value("")
            seen(page)
            fill_card(page, card, javascript=javascript)
            page.get_by_label("Meter or account number").fill(meter)
            press_redeem(page, card, javascript=javascript)
            assert tokens(page)

    def test_is_not_charged_twice_where_the_answer_is_lost(
        self, window: Window, demo: dict[str, Any], cards: Iterator[dict[str, Any]], javascript: bool
    ) -> None:
        lost = {"kind": "lose-reply", "times": 1, "path": "/redemptions"}
        away = {"kind": "unavailable", "times": 3, "path": "/advices"}
        with fault(demo, lost, away), window() as page:
            redeem(page, demo, next(cards), sts(demo, login=False)["meter"], javascript=javascript)
            expect(page.get_by_text("You will not be charged twice.")).to_be_visible(timeout=PATIENCE_MS)
            seen(page)
            assert tokens(page)


class ACustomer:
    def test_gets_a_password_in_four_places_and_reaches_the_dashboard(
        self, window: Window, demo: dict[str, Any], strangers: Iterator[dict[str, Any]]
    ) -> None:
        account, number = next(strangers), next(people)
        email, phone = f"walker{number}@walks.example", f"{account['phone'][:-4]}9{number:03}"
        with window() as page:
            get_password(page, demo, account, email, phone)
            assert page.locator(".places li").count() == 4
            password = letter(demo, email, PASSWORD)[0]
            for place in (phone, account["email"], account["phone"]):
                assert letter(demo, place, PASSWORD)[0] == password
            page.goto(letter(demo, email, re.compile(LINK.format("confirm")))[0])
            page.get_by_role("button", name="Yes, confirm").click()
            expect(page.locator("h1")).to_contain_text("Thank you")
            seen(page)
            log_in(page, demo, account["meter"], password)
            expect(page.locator("h1")).to_contain_text("Hello")
            expect(page.locator(".tile").first).to_contain_text("ZAR")
            seen(page)
            expect(page.get_by_text(account["address"], exact=True)).to_be_visible()
            expect(page.get_by_role("listitem").filter(has_text=email)).to_contain_text("secondary")
            assert page.locator("svg.chart").count() >= 1
            undo = letter(demo, account["email"], re.compile(LINK.format("undo")))[0]
            page.goto(undo)
            page.get_by_role("button", name="Take it back").click()
            expect(page.locator("h1")).to_contain_text("taken back")
            page.goto(undo)
            expect(page.locator("h1")).to_contain_text("taken back")
            expect(page.locator("main button")).to_have_count(0)
            page.goto(f"{demo['site']}/dashboard")
            page.wait_for_url("**/login")

    def test_redeems_for_an_own_meter_and_sees_it_on_the_dashboard(
        self, window: Window, demo: dict[str, Any], cards: Iterator[dict[str, Any]], javascript: bool
    ) -> None:
        account, card = sts(demo, login=True), next(cards)
        with window() as page:
            log_in(page, demo, account["number"], account["password"])
            expect(page.locator("h1")).to_contain_text("Hello")
            page.get_by_role("link", name="Redeem a Juice Card").click()
            fill_card(page, card, javascript=javascript)
            page.get_by_role("radio").first.check()
            press_redeem(page, card, javascript=javascript)
            shown = tokens(page)
            page.get_by_role("link", name="To the dashboard").click()
            expect(page.locator("h1")).to_contain_text("Hello")
            seen(page)
            page.locator(".activity summary").first.click()
            assert page.locator(".activity details").first.locator(".token").all_inner_texts() == shown
            page.get_by_role("button", name="Log out").click()
            page.goto(f"{demo['site']}/dashboard")
            page.wait_for_url("**/login")

    def test_is_told_that_number_and_password_do_not_go_together(self, window: Window, demo: dict[str, Any]) -> None:
        with unwatched(window) as page:
            log_in(page, demo, sts(demo, login=True)["number"], "not the password")
            expect(page.get_by_role("alert")).to_contain_text("do not go together")
            seen(page)


def unwatched(window: Window) -> AbstractContextManager[Page]:
    """A window in which the server may refuse something."""
    return window(refusals=True)
