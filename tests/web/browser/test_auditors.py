"""An auditor's way through the console, in a real browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.web.browser.conftest import Site, Window
from tests.web.browser.console_walks import Desks
from tests.web.browser.elsewhere import Elsewhere
from tests.web.browser.walks import seen

NUMBER = "Account or meter number"


class AnAuditor:
    def test_reads_what_happened_and_what_it_came_to_and_finds_the_reading_recorded(
        self, window: Window, site: Site, newcomer: dict[str, Any], elsewhere: Elsewhere, desks: Desks
    ) -> None:
        with window() as page:
            desks.sign_in(page, site["utility"], "auditor")
            page.get_by_role("link", name="Histories").first.click()
            seen(page)
            page.get_by_label(NUMBER).fill(newcomer["number"])
            page.get_by_label("Case").fill("AUDIT-2026/17")
            page.get_by_role("button", name="Show what happened").click()
            events = page.locator("tbody tr")
            expect(events.first).to_contain_text("account-opened")
            expect(events.first.locator(".changes")).to_contain_text(f'number "" → "{newcomer["number"]}"')
            expect(events.filter(has_text="password-issued").first).to_contain_text("used null → false")
            events.first.get_by_text("account-opened").click()
            expect(events.first.locator("dl")).to_contain_text(newcomer["address"])
            seen(page)
            first = events.first.get_by_role("rowheader").inner_text()

            read = events.filter(has_text="history-read")
            before = read.count()
            page.get_by_role("button", name="Show what happened").click()
            expect(read).to_have_count(before + 1)
            expect(read.last).to_contain_text("auditor:amos")
            read.last.get_by_text("history-read").click()
            expect(read.last.locator("dl")).to_contain_text("AUDIT-2026/17")

            page.get_by_label("Up to position").fill(first)
            page.get_by_role("button", name="Show what it came to").click()
            expect(page.get_by_role("heading", level=2)).to_contain_text(f"had come to at position {first}")
            expect(page.locator("section")).to_have_count(1)
            expect(page.locator("section")).to_contain_text(newcomer["address"])
            seen(page)

            page.get_by_label("Up to position").fill("")
            page.get_by_role("button", name="Show what it came to").click()
            assert page.locator("section").count() > 1
            expect(page.locator("main")).to_contain_text(newcomer["meter"])
            seen(page)

            page.get_by_label("As Seed knew it at").fill("2020-02-29T12:00:01")
            page.get_by_role("button", name="Show what it came to").click()
            expect(page.locator("main")).to_contain_text("Nothing had happened to this account by then")
            assert page.get_by_label("Case").input_value() == "AUDIT-2026/17"
            seen(page)
            elsewhere.knows_no_desk_of(page, "/console/histories")

        with window(refusals=True) as page:
            desks.sign_in(page, elsewhere.utility, "auditor")
            page.get_by_role("link", name="Histories").first.click()
            page.get_by_label(NUMBER).fill(newcomer["number"])
            page.get_by_role("button", name="Show what happened").click()
            expect(page.get_by_role("alert")).to_contain_text("No account and no meter has this number.")
            expect(page.get_by_label(NUMBER)).to_have_value(newcomer["number"])
            seen(page)
