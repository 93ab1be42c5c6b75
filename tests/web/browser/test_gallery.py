"""Every page in every state, in a real browser: what no test of HTML alone can see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser

from tests.browser import opened, overflow
from tests.web.site import gallery

NAMES = [*gallery.pages(), *gallery.problems()]
BOXES = "[type=hidden], [type=radio], [type=checkbox]"
"""What is touched by its label."""
TARGETS = f"button, .button, nav a, .choice, .door, summary, input:not({BOXES}):not(:disabled)"
SMALL = f"""() => [...document.querySelectorAll("{TARGETS}")].filter(each => each.offsetParent)
    .filter(each => each.getBoundingClientRect().height < 43.5).map(each => each.outerHTML.slice(0, 80))"""
UNNAMED = """() => [...document.querySelectorAll("input:not([type=hidden]), button, a")]
    .filter(each => !(each.labels && each.labels.length) && !each.textContent.trim()).map(each => each.outerHTML.slice(0, 80))"""
HEIGHTS = "[...document.querySelectorAll('.chart text')].map(text => text.getBoundingClientRect().height)"
LINES = "[...document.querySelectorAll('.token')].map(token => new Set([...token.children].map(group => group.offsetTop)).size)"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with gallery.shown() as address:
        yield address


@pytest.fixture(scope="module")
def pale_site() -> Iterator[str]:
    with gallery.shown(replace(gallery.UTILITY, **gallery.PALE)) as address:
        yield address


class EveryPage:
    @pytest.mark.parametrize("width", [320, 1280])
    def test_fits_the_window(self, browser: Browser, site: str, width: int) -> None:
        with opened(browser, width=width) as page:
            for name in NAMES:
                page.goto(f"{site}/{name}")
                assert overflow(page) <= 0, name

    def test_fits_a_phone_with_a_long_name_and_all_its_parts_open(self, browser: Browser, pale_site: str) -> None:
        with opened(browser, width=320) as page:
            for name in NAMES:
                page.goto(f"{pale_site}/{name}")
                page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
                assert overflow(page) <= 0, name

    def test_is_whole_on_a_phone_under_its_content_security_policy(self, browser: Browser, site: str) -> None:
        with opened(browser, width=360) as page:
            for name in NAMES:
                page.goto(f"{site}/{name}")
                assert overflow(page) <= 0, name
                assert page.evaluate("getComputedStyle(document.querySelector('.top')).backgroundColor") == "rgb(11, 110, 79)"
                assert page.locator("h1").count() == 1, name
                assert page.title().endswith(gallery.UTILITY.name) and page.get_attribute("html", "lang") == "en", name
                assert page.evaluate(SMALL) == [], name
                assert page.evaluate(UNNAMED) == [], name


class WhatWentWrong:
    @pytest.mark.parametrize("javascript", [True, False])
    def test_has_the_focus(self, browser: Browser, site: str, javascript: bool) -> None:
        with opened(browser, javascript=javascript) as page:
            page.goto(f"{site}/redeem-wrong")
            assert page.evaluate("document.activeElement.className") == "summary"


class TheChart:
    def test_can_be_read_on_a_phone_and_on_a_desk(self, browser: Browser, site: str) -> None:
        for width in (360, 1280):
            with opened(browser, width=width) as page:
                page.goto(f"{site}/dashboard-own")
                heights = page.evaluate(HEIGHTS)
                assert heights and min(heights) >= 11

    def test_says_in_words_what_it_shows(self, browser: Browser, site: str) -> None:
        with opened(browser) as page:
            page.goto(f"{site}/dashboard-own")
            chart = page.get_by_role("img", name="Recent usage: Electricity")
            assert "23 October 2026 to 21 November 2026" in (chart.locator("desc").text_content() or "")
            page.get_by_text("Show as a table").first.click()
            assert page.get_by_role("row", name="21 Nov").first.is_visible()


class AToken:
    @pytest.mark.parametrize("width", [320, 360, 1280])
    def test_stands_on_one_line(self, browser: Browser, site: str, width: int) -> None:
        with opened(browser, width=width) as page:
            page.goto(f"{site}/redemption-key-change-own")
            assert page.evaluate(LINES) == [1, 1, 1]

    def test_is_copied_with_a_button_of_its_own(self, browser: Browser, site: str) -> None:
        with opened(browser, permissions=["clipboard-read", "clipboard-write"]) as page:
            page.goto(f"{site}/redemption-redeemed")
            page.get_by_role("button", name="Copy").click()
            page.get_by_role("button", name="Copied").wait_for()
            assert page.evaluate("navigator.clipboard.readText()") == "59386323472137426967"
