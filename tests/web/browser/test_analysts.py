"""An analyst's way through the console, in a real browser."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from playwright.sync_api import expect

from tests.web.browser.conftest import Site, Window
from tests.web.browser.console_walks import Desks
from tests.web.browser.elsewhere import Elsewhere
from tests.web.browser.walks import seen


class AnAnalyst:
    def test_reads_charts_tables_and_csv_of_their_own_utility(
        self, window: Window, site: Site, elsewhere: Elsewhere, desks: Desks, tmp_path: Path
    ) -> None:
        with window(refusals=True) as page:
            desks.sign_in(page, site["utility"], "analyst")
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
            elsewhere.knows_no_desk_of(page, "/console/analyses")
