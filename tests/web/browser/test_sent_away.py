"""A browser that finds no room the first time, as when many people are there at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.browser.conftest import Site, Window
from tests.web.browser.walks import ONCE_EACH, fill_card, press_redeem, seen, tokens
from web.middleware import busy

Cards = Iterator[dict[str, Any]]
BY_SCRIPT = pytest.mark.parametrize(("javascript", "place"), [(True, 0)], indirect=True)


def no_room_at_first(page: Page, path: str, method: str, answer: bytes, media_type: str) -> None:
    """This will send the first request of a path away."""
    left = [1]

    def meet(route: Route) -> None:
        if route.request.method == method and left:
            left.pop()
            route.fulfill(status=503, headers={"Retry-After": "1", "Content-Type": media_type}, body=answer)
        else:
            route.continue_()

    page.route(path, meet)


class WhoeverFindsNoRoom:
    @ONCE_EACH
    def test_need_not_ask_again_for_a_page(self, window: Window, site: Site, javascript: bool) -> None:
        with window(refusals=True) as page:
            no_room_at_first(page, "**/login", "GET", busy.page("en", 2, is_read=True), "text/html; charset=utf-8")
            page.goto(f"{site['site']}/login")
            expect(page.get_by_role("heading", level=1)).to_contain_text("Many people are here at once")
            seen(page)
            expect(page.get_by_label("Password", exact=True)).to_be_visible()

    @ONCE_EACH
    def test_can_go_one_page_back_and_send_it_again(
        self, window: Window, site: Site, cards: Cards, newcomer: dict[str, Any], javascript: bool
    ) -> None:
        card = next(cards)
        with window(refusals=True) as page:
            page.goto(f"{site['site']}/redeem")
            fill_card(page, card, javascript=javascript)
            page.get_by_label("Meter or account number").fill(newcomer["meter"])
            no_room_at_first(page, "**/redeem", "POST", busy.page("en", 2, is_read=False), "text/html; charset=utf-8")
            page.locator("#redeem button[type=submit]").click()
            expect(page.get_by_text("Nothing was done.")).to_be_visible()
            seen(page)
            page.go_back()
            fill_card(page, card, javascript=javascript)  # no browser keeps the code, which it is told not to
            page.get_by_label("Meter or account number").fill(newcomer["meter"])
            press_redeem(page, card, javascript=javascript)
            assert tokens(page)

    @BY_SCRIPT
    def test_sees_what_a_card_is_worth_all_the_same(self, window: Window, site: Site, cards: Cards, javascript: bool) -> None:
        card = next(cards)
        with window(refusals=True) as page:
            page.goto(f"{site['site']}/redeem")
            no_room_at_first(page, "**/redeem/amount", "POST", busy.problem("en"), "application/problem+json")
            fill_card(page, card, javascript=javascript)
