"""Reading what one bought, owes and uses, in a real browser (journeys 6 and 13)."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.web.browser.conftest import Site, Window
from tests.web.browser.elsewhere import Elsewhere
from tests.web.browser.walks import ONCE_EACH, customer_of, eager_customer_of, letter, log_in, seen


def followed(page: Page, name: str | re.Pattern[str]) -> None:
    """This will follow a link and see that the page is whole."""
    page.get_by_role("link", name=name).first.click()
    seen(page)


class ACustomer:
    def test_marks_a_token_takes_it_back_and_has_it_sent(self, window: Window, site: Site, elsewhere: Elsewhere) -> None:
        account = customer_of(site["utility"])
        with window() as page:
            log_in(page, site, account["number"], account["password"])
            expect(page.locator("h1")).to_contain_text("Hello")
            followed(page, "Show your tokens")
            shelf = page.locator("section.sheet").first
            newest = shelf.locator(".purchase:not(details .purchase)").last
            digits = newest.locator(".token").last.inner_text()
            newest.get_by_role("button", name="I entered it").last.click()
            expect(shelf).to_contain_text("There is nothing to enter")
            seen(page)
            shelf.get_by_text("Entered or too old").click()
            shelf.get_by_role("button", name="Not entered after all").first.click()
            expect(shelf.locator(".purchase:not(details .purchase)").last).to_contain_text(digits)
            newest = page.locator("section.sheet").first.locator(".purchase:not(details .purchase)").last
            newest.get_by_text("Send it to me once more").click()
            newest.get_by_role("radio").first.check()
            newest.get_by_role("button", name="Send").click()
            expect(page.get_by_role("status")).to_contain_text("On its way to")
            seen(page)
            elsewhere.must_not_meet(page, words=(digits, account["meter"]))
        assert letter(site, account["email"], re.compile(re.escape(digits)))

    def test_reads_activity_page_by_page_and_opens_a_receipt(self, window: Window, site: Site, elsewhere: Elsewhere) -> None:
        account = eager_customer_of(site["utility"])  # who buys a little at a time has bought often
        with window() as page:
            log_in(page, site, account["number"], account["password"])
            followed(page, "All activity")
            first = page.locator(".rows a").first.get_attribute("href")
            page.get_by_label("Period").select_option("365")
            page.get_by_role("button", name="Show").click()
            seen(page)
            assert "period=365" in page.url and page.locator(".rows a").first.get_attribute("href") == first
            followed(page, "Older ones")
            assert page.locator(".rows a").first.get_attribute("href") != first
            followed(page, "Back to the newest")
            page.locator(".rows a").first.click()
            expect(page.locator("h1")).to_contain_text("Receipt")
            seen(page)
            expect(page.get_by_role("heading", name="Where the money went")).to_be_visible()
            elsewhere.must_not_meet(page, str(first))

    def test_lets_more_of_each_purchase_go_to_a_debt_and_is_told(self, window: Window, site: Site, elsewhere: Elsewhere) -> None:
        account = customer_of(site["utility"], place=1)  # the one with several debts
        with window(refusals=True) as page:
            log_in(page, site, account["number"], account["password"])
            page.goto(f"{site['site']}/arrears")
            followed(page, "Pay off faster")
            sheet = page.locator("section.sheet").filter(has_text="You may choose").first
            limits = re.search(r"(\d+)\s% \(the utility's share\) to (\d+)\s%", sheet.inner_text())
            name, now = sheet.locator("h2 span").first.inner_text(), sheet.locator("dd").first.inner_text()
            assert limits
            least, most = int(limits[1]), int(limits[2])
            share = next(each for each in (least + 7, least + 13, least + 21, least + 29) if str(each) not in now)
            sheet.get_by_label("Percent of each purchase").fill(str(most + 1))
            sheet.get_by_role("button", name="Show what it changes").click()
            expect(page.get_by_role("alert")).to_contain_text("more than the utility lets")
            seen(page)
            sheet = page.locator("section.sheet").filter(has_text=name).first
            sheet.get_by_label("Percent of each purchase").fill(str(share))
            sheet.get_by_role("button", name="Show what it changes").click()
            expect(page.locator("#effect")).to_be_visible()
            seen(page)
            page.get_by_role("button", name=f"Let {share} % go to it").click()
            expect(page.get_by_text(f"{share} %").first).to_be_visible()
            seen(page)
            for _ in range(40):
                if page.get_by_text(f"{share} % of each purchase goes to it, as you chose").count():
                    break
                page.wait_for_timeout(500)
                page.reload()
            expect(page.get_by_text(f"{share} % of each purchase goes to it, as you chose")).to_be_visible()
            page.goto(f"{site['site']}/activity")
            expect(page.locator("#shares")).to_contain_text(f"chosen: {share} %")
            expect(page.locator("#shares")).to_contain_text("confirmed by Juice")
            seen(page)
            elsewhere.must_not_meet(page)
        assert letter(site, account["email"], re.compile(rf"{share} % of each purchase"))

    def test_reads_usage_by_month_and_gets_it_as_a_file(self, window: Window, site: Site, elsewhere: Elsewhere) -> None:
        account = customer_of(site["utility"])
        with window() as page:
            log_in(page, site, account["number"], account["password"])
            followed(page, "A year of usage")
            assert page.locator("svg.chart").count() >= 2
            followed(page, re.compile(r"20\d\d$"))
            assert "month=" in page.url
            with page.expect_download() as download:
                page.get_by_role("link", name="All days as a file").click()
            assert download.value.suggested_filename.endswith(".csv")
            assert account["meter"] in download.value.path().read_text("utf-8-sig")
            elsewhere.must_not_meet(page, words=(account["meter"],))

    def test_reads_what_is_owed_in_what_order_it_is_paid_and_until_when(
        self, window: Window, site: Site, elsewhere: Elsewhere
    ) -> None:
        account = customer_of(site["utility"], place=1)  # the one with several debts
        with window() as page:
            log_in(page, site, account["number"], account["password"])
            followed(page, "How it is paid back")
            expect(page.locator("main")).to_contain_text(re.compile(r"You owe .*\d.* in all\."))
            debts = page.locator(".waterfall > li")
            assert debts.count() >= 2
            expect(debts.first).to_contain_text("if you go on buying")
            expect(page.get_by_role("heading", name="Paid off within the last year")).to_be_visible()
            expect(page.locator("main")).to_contain_text(re.compile(r"owed .*\d, now .*\d"))
            elsewhere.must_not_meet(page, words=(account["number"], account["address"]))
            page.locator(".waterfall a").first.click()
            expect(page.locator("h1")).to_contain_text("Receipt")
            seen(page)

    @ONCE_EACH
    def test_leaves_nothing_to_be_read_after_logging_out(self, window: Window, site: Site) -> None:
        account = customer_of(site["utility"])
        with window() as page:
            log_in(page, site, account["number"], account["password"])
            followed(page, "All activity")
            receipt = page.locator(".rows a").first.get_attribute("href")
            page.get_by_role("button", name="Log out").click()
            page.goto(f"{site['site']}{receipt}")
            page.wait_for_url("**/login")
