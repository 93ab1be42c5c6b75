"""What people do at the console, step by step, with a browser."""

from __future__ import annotations

import time
from typing import Any

import pyotp
from playwright.sync_api import Page, expect

from tests.processes.people import source
from tests.web.browser.walks import seen


class Desks:
    """Who is signed in already, by utility and role."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def sign_in(self, page: Page, utility: dict[str, Any], role: str) -> None:
        """This will sign in the utility's person of a role, or come back as who was signed in before.

        It is done beside `page`, whose browser would complain about a code that was used before.
        """
        desk = (utility["code"], role)
        if desk not in self._kept or not self._comes_in(page, utility, desk):
            self._kept[desk] = _signed_in(page, utility, role)
            assert self._comes_in(page, utility, desk), page.url
        expect(page.locator("h1")).to_contain_text("Overview")
        seen(page)

    def _comes_in(self, page: Page, utility: dict[str, Any], desk: tuple[str, str]) -> bool:
        page.context.add_cookies(self._kept[desk])
        page.goto(f"{utility['site']}/console")
        return page.url.endswith("/console")

    def confirm(self, page: Page, utility: dict[str, Any], role: str) -> None:
        """This will give a code once more where a grave step asks for it, since the last one is ten minutes old."""
        if (field := page.get_by_label("Code from your phone")).count():
            person = next(each for each in utility["people"] if each["role"] == role)
            field.fill(pyotp.TOTP(person["totp_secret"]).at(int(time.time())))


def sign_in(page: Page, name: str, password: str, code: str) -> None:
    """This will fill the sign-in in and send it, wherever that leads."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Code from your phone").fill(code)
    page.get_by_role("button", name="Sign in").click()


def _signed_in(page: Page, utility: dict[str, Any], role: str) -> Any:
    """The cookies of a session that was begun now."""
    person = next(each for each in utility["people"] if each["role"] == role)
    codes = pyotp.TOTP(person["totp_secret"])
    assert page.context.browser is not None
    beside = page.context.browser.new_context(extra_http_headers=source())
    try:
        entrance = beside.new_page()
        for step in (-1, 0, 1):  # a code works once
            entrance.goto(f"{utility['site']}/console/sign-in")
            sign_in(entrance, person["name"], person["password"], codes.at(int(time.time()) + 30 * step))
            if entrance.url.endswith("/console"):
                break
        return beside.cookies()
    finally:
        beside.close()
