"""An analyst's way through the console, in a real browser, with and without JavaScript."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import opened
from tests.processes.people import source
from tests.running import Running
from tests.web.browser.walks import seen


def sign_in(page: Page, utility: dict[str, Any], name: str) -> None:
    """This will sign a person of the demo in, with the code that their phone would show."""
    person = next(person for person in utility["people"] if person["name"] == name)
    page.goto(f"{utility['site']}/console/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(person["password"])
    page.get_by_label("Code").fill(pyotp.TOTP(person["totp_secret"]).at(datetime.now(UTC)))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console")


class AnAnalyst:
    @pytest.mark.parametrize(("javascript", "place"), [(True, 0), (False, 1)], ids=["with JavaScript", "without JavaScript"])
    def test_reads_charts_tables_and_csv_of_their_own_utility(
        self, browser: Browser, running_portal: Running, tmp_path: Path, javascript: bool, place: int
    ) -> None:
        utility = running_portal.demo["utilities"][place]  # another person each time: a code is good once
        with opened(browser, width=360, javascript=javascript, refusals=True, extra_http_headers=source()) as page:
            sign_in(page, utility, "ada")
            page.get_by_role("link", name="Figures").first.click()
            seen(page)
            expect(page.get_by_role("img", name="Sales by channel")).to_be_visible()
            expect(page.get_by_role("img", name="Arrears by age")).to_be_visible()
            page.get_by_label("Sold by").select_option("JC")
            page.get_by_label("A bar for each").select_option("month")
            page.get_by_role("button", name="Show").click()
            page.wait_for_url("**channel=JC**")
            seen(page)
            assert page.get_by_label("Sold by").input_value() == "JC"
            sales = page.locator("#sales")
            sales.get_by_text("Show as a table").click()
            shown = sales.locator("tbody tr")
            expect(shown.first).to_contain_text("Juice card")
            seen(page)
            with page.expect_download() as download:
                sales.get_by_role("link", name="Download as CSV").click()
            download.value.save_as(tmp_path / "sales.csv")
            rows = list(csv.DictReader(io.StringIO((tmp_path / "sales.csv").read_text())))
            assert len(rows) == shown.count() and {row["channel"] for row in rows} == {"JC"}
            for label in ("As known on", "To"):
                page.get_by_label(label, exact=True).fill("2100-01-01")
            page.get_by_role("button", name="Show").click()
            expect(page.locator(".summary")).to_contain_text("This day has not come yet.")
            assert page.get_by_label("Sold by").input_value() == "JC"
            seen(page)
