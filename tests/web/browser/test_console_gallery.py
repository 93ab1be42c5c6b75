"""Every page of the console in every state, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser

from tests.browser import opened, overflow
from tests.web.browser.test_gallery import SMALL, UNNAMED
from tests.web.console import gallery
from tests.web.site import gallery as site

NAMES = [*gallery.pages(), *site.problems()]


@pytest.fixture(scope="module")
def console() -> Iterator[str]:
    with gallery.shown() as address:
        yield address


@pytest.fixture(scope="module")
def pale_console() -> Iterator[str]:
    with gallery.shown(replace(site.UTILITY, **site.PALE)) as address:
        yield address


class EveryPageOfTheConsole:
    @pytest.mark.parametrize("width", [320, 1280])
    def test_fits_the_window(self, browser: Browser, console: str, width: int) -> None:
        with opened(browser, width=width, refusals=True) as page:
            for name in NAMES:
                page.goto(f"{console}/{name}")
                assert overflow(page) <= 0, name

    def test_fits_a_phone_with_a_long_name(self, browser: Browser, pale_console: str) -> None:
        with opened(browser, width=320, refusals=True) as page:
            for name in NAMES:
                page.goto(f"{pale_console}/{name}")
                assert overflow(page) <= 0, name

    def test_is_whole_on_a_phone_under_its_content_security_policy(self, browser: Browser, console: str) -> None:
        with opened(browser, width=360, refusals=True) as page:
            for name in NAMES:
                page.goto(f"{console}/{name}")
                assert page.locator("h1").count() == 1, name
                assert page.title().endswith(site.UTILITY.name), name
                assert page.evaluate(SMALL) == [], name
                assert page.evaluate(UNNAMED) == [], name
