"""A real browser as a fixture: `browser`. Where there is none, its tests are skipped, and say so."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PATIENCE_MS = 120_000
"""How long a page may take to be as it is expected: a bound of a hang, not of the speed of a busy machine."""

expect.set_options(timeout=PATIENCE_MS)


class NoBrowser(UserWarning):
    """The pages were not tried in a browser."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of one module: its driver's loop would be in the way of asynchronous tests elsewhere."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        warnings.warn(NoBrowser("NOT TRIED: there is no Chromium here, so no page was opened in a browser"), stacklevel=1)
        pytest.skip("NOT TRIED: there is no Chromium here (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield started
        started.close()


@contextmanager
def opened(
    browser: Browser, *, width: int = 360, javascript: bool = True, refusals: bool = False, **options: Any
) -> Iterator[Page]:
    """This will open a page in a context of its own, and fail where the browser complained about anything on it.

    Chromium complains about every reply of 400 and more; `refusals` says that these are expected.
    """
    context = browser.new_context(viewport={"width": width, "height": 780}, java_script_enabled=javascript, **options)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    if refusals:
        complaints = [text for text in complaints if "the server responded with a status of" not in text]
    assert not complaints, f"the browser complained: {complaints}"


def overflow(page: Page) -> int:
    """How many pixels the page is wider than the window; waits for a page that is just being replaced."""
    return int(page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth"))
