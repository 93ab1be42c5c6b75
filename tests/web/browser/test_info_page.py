"""The info page from the staff's editor to the customer's eyes, in a real browser (journey 7)."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import PATIENCE_MS
from tests.web.browser.conftest import Site, Window
from tests.web.browser.console_walks import Desks
from tests.web.browser.elsewhere import Elsewhere
from tests.web.browser.walks import customer_of, log_in, seen

WRITTEN = "# Our offices\n\nOpen from **nine**, also on [the map](https://maps.example/).\n\n<script>alert(1)</script>"


def reads(page: Page, site: Site, heading: str) -> None:
    """This will open the info page from the menu until the heading is on it."""
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Info").click()
    found = page.get_by_role("heading", name=heading, exact=True)
    for _ in range(PATIENCE_MS // 500):
        if found.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(found).to_be_visible()
    seen(page)


class TheInfoPage:
    def test_is_written_by_staff_previewed_published_and_read_by_customers_of_their_utility_alone(
        self, window: Window, site: Site, elsewhere: Elsewhere, desks: Desks
    ) -> None:
        utility, account = site["utility"], customer_of(site["utility"])
        with window(width=1280) as desk, window() as page:
            log_in(page, site, account["number"], account["password"])
            reads(page, site, "Juice cards and tokens")
            desks.sign_in(desk, utility, "staff")
            desk.get_by_role("link", name="Info page").first.click()
            seen(desk)
            desk.get_by_label("Text").fill(WRITTEN)
            desk.get_by_role("button", name="Preview").click()
            shown = desk.locator(".prose")
            expect(shown.get_by_role("heading", name="Our offices")).to_be_visible()
            expect(shown).to_contain_text("<script>alert(1)</script>")
            assert desk.get_by_label("Text").input_value() == WRITTEN
            seen(desk)
            reads(page, site, "Juice cards and tokens")

            desks.confirm(desk, utility, "staff")
            desk.get_by_role("button", name="Publish").click()
            expect(desk.get_by_role("status")).to_contain_text("Published")
            seen(desk)
            reads(page, site, "Our offices")
            expect(page.get_by_role("link", name="the map")).to_have_attribute("href", "https://maps.example/")
            with window() as there:
                there.goto(elsewhere.site["site"])
                reads(there, elsewhere.site, "Juice cards and tokens")
                expect(there.locator("main")).not_to_contain_text("Our offices")

            desk.get_by_role("link", name="All editions").click()
            expect(desk.locator("tbody tr").first).to_contain_text("staff:ann")
            seen(desk)
            desk.get_by_role("link", name="To the editor").click()
            desk.get_by_label("Text").fill("")
            desks.confirm(desk, utility, "staff")
            desk.get_by_role("button", name="Publish").click()
            expect(desk.get_by_role("status")).to_contain_text("Published")
            reads(page, site, "Juice cards and tokens")
            elsewhere.must_not_meet(page)
