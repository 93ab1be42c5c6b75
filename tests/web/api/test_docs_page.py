"""The API's documentation as a page: whole, from here, and under the site's own policy."""

from __future__ import annotations

import gzip
import hashlib

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import opened
from tests.running import Running
from web.api_docs.pages import HERE

PINNED = {
    "swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
    "swagger-ui.css": "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
}


class SwaggerUi:
    @pytest.mark.parametrize("name", PINNED)
    def test_is_what_its_makers_published(self, name: str) -> None:
        content = gzip.decompress((HERE / "swagger_ui" / f"{name}.gz").read_bytes())
        assert hashlib.sha256(content).hexdigest() == PINNED[name]


class TheDocsPage:
    def test_shows_the_routes_asks_no_other_site_and_breaks_no_policy(self, browser: Browser, running_portal: Running) -> None:
        site = running_portal.demo["site"]
        with opened(browser, width=1280, javascript=True) as page:
            asked, said = [], []
            page.on("request", lambda request: asked.append(request.url))
            page.on("console", lambda message: said.append(message.text))
            page.goto(f"{site}/api/docs")
            expect(page.get_by_text("/api/v1/me/arrears", exact=True)).to_be_visible()
            page.get_by_text("/api/v1/me/arrears", exact=True).click()
            expect(page.get_by_text("in the order in which").first).to_be_visible()
        assert {url for url in asked if not url.startswith((site, "data:"))} == set()
        assert [text for text in said if "Content Security Policy" in text] == []
