"""Reading what one bought, owes and uses, in a real browser, with and without JavaScript."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import opened
from tests.processes.people import source
from tests.running import Running
from tests.web.browser.walks import PATIENCE_MS, letter, log_in, seen


@pytest.fixture(scope="module")
def demo(running_portal: Running) -> dict[str, Any]:
    return running_portal.demo


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def window(request: pytest.FixtureRequest, browser: Browser) -> Any:
    """Opens a phone's browser, for somebody at an address of their own."""
    return partial(opened, browser, width=360, javascript=request.param, extra_http_headers=source())


def customer(demo: dict[str, Any], kind: str = "STS", *, utility: int = 0) -> dict[str, Any]:
    return next(a for a in demo["utilities"][utility]["accounts"] if a["meter_kind"] == kind and "password" in a)


def followed(page: Page, name: str | re.Pattern[str]) -> None:
    """This will follow a link and see that the page is whole."""
    page.get_by_role("link", name=name).first.click()
    seen(page)


class ACustomer:
    def test_marks_a_token_takes_it_back_and_has_it_sent(self, window: Any, demo: dict[str, Any]) -> None:
        account = customer(demo)
        with window() as page:
            log_in(page, demo, account["number"], account["password"])
            expect(page.locator("h1")).to_contain_text("Hello")
            followed(page, "Show your tokens")
            shelf = page.locator("section.sheet").first
            newest = shelf.locator(".purchase:not(details .purchase)").last
            digits = newest.locator(".token").last.inner_text()
            newest.get_by_role("button", name="I entered it").last.click()
            expect(shelf).to_contain_text("There is nothing to enter", timeout=PATIENCE_MS)
            seen(page)
            shelf.get_by_text("Entered, or no longer to be entered").click()
            shelf.get_by_role("button", name="Not entered after all").first.click()
            expect(shelf.locator(".purchase:not(details .purchase)").last).to_contain_text(digits, timeout=PATIENCE_MS)
            newest = page.locator("section.sheet").first.locator(".purchase:not(details .purchase)").last
            newest.get_by_text("Send it to me once more").click()
            newest.get_by_role("radio").first.check()
            newest.get_by_role("button", name="Send").click()
            expect(page.get_by_role("status")).to_contain_text("On its way to")
            seen(page)
        assert letter(demo, account["email"], re.compile(re.escape(digits)))

    def test_reads_activity_page_by_page_and_opens_a_receipt(self, window: Any, demo: dict[str, Any]) -> None:
        account = customer(demo)
        with window() as page:
            log_in(page, demo, account["number"], account["password"])
            followed(page, "All activity")
            first = page.locator(".rows a").first.get_attribute("href")
            page.get_by_label("Period").select_option("365")
            page.get_by_role("button", name="Show").click()
            seen(page)
            assert "period=365" in page.url and page.locator(".rows a").first.get_attribute("href") == first
            if page.get_by_role("link", name="Older ones").count():
                followed(page, "Older ones")
                assert page.locator(".rows a").first.get_attribute("href") != first
                followed(page, "Back to the newest")
            page.locator(".rows a").first.click()
            expect(page.locator("h1")).to_contain_text("Receipt")
            seen(page)
            expect(page.get_by_role("heading", name="Where the money went")).to_be_visible()

    def test_reads_usage_by_month_and_gets_it_as_a_file(self, window: Any, demo: dict[str, Any]) -> None:
        account = customer(demo)
        with window() as page:
            log_in(page, demo, account["number"], account["password"])
            followed(page, "A year of usage")
            assert page.locator("svg.chart").count() >= 2
            followed(page, re.compile(r"20\d\d$"))
            assert "month=" in page.url
            with page.expect_download() as download:
                page.get_by_role("link", name="All days as a file").click()
            assert download.value.suggested_filename.endswith(".csv")
            assert account["meter"] in download.value.path().read_text("utf-8-sig")

    def test_reads_what_is_owed(self, window: Any, demo: dict[str, Any]) -> None:
        indebted = [a for a in demo["utilities"][0]["accounts"] if "password" in a]
        with window() as page:
            for account in indebted:
                log_in(page, demo, account["number"], account["password"])
                expect(page.locator("h1")).to_contain_text("Hello")
                page.goto(f"{demo['site']}/arrears")
                seen(page)
                expect(page.locator("main")).to_contain_text(re.compile("You owe"))
                page.get_by_role("button", name="Log out").click()

    def test_leaves_nothing_to_be_read_after_logging_out(self, window: Any, demo: dict[str, Any]) -> None:
        account = customer(demo)
        with window() as page:
            log_in(page, demo, account["number"], account["password"])
            followed(page, "All activity")
            receipt = page.locator(".rows a").first.get_attribute("href")
            page.get_by_role("button", name="Log out").click()
            page.goto(f"{demo['site']}{receipt}")
            page.wait_for_url("**/login")
