"""Edit and Change Password in a real browser, with and without JavaScript, at two utilities."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import opened
from tests.processes.people import source
from tests.running import Running
from tests.web.browser.walks import PASSWORD, edit_page, get_password, letter, log_in, seen

LINK = r"https?://\S+/{}/[\w-]+=*"
CHOSEN = "twelve purple giraffes"
PILES = "\N{PILE OF POO}" * 4 + "abc"
"""Seven characters, which a script that counts otherwise takes for eleven."""

people = count(1)
Window = Callable[..., Any]
taken: set[str] = set()


@pytest.fixture(scope="module")
def demo(running_portal: Running) -> dict[str, Any]:
    return running_portal.demo


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=[0, 1], ids=["at the first utility", "at the second"])
def site(request: pytest.FixtureRequest, demo: dict[str, Any]) -> dict[str, Any]:
    """The demo, as one utility's customers see it."""
    utility = demo["utilities"][request.param]
    return {**demo, "site": utility["site"], "utility": utility}


@pytest.fixture
def window(browser: Browser, javascript: bool) -> Window:
    return partial(opened, browser, width=360, javascript=javascript, extra_http_headers=source())


def newcomer(site: dict[str, Any]) -> dict[str, Any]:
    """An account whose owner has no password yet, and that no other walk has taken."""
    account = next(a for a in site["utility"]["accounts"] if "password" not in a and a["number"] not in taken)
    taken.add(account["number"])
    return dict(account)


def came_in(page: Page, site: dict[str, Any], account: dict[str, Any]) -> str:
    """This will log in with a password that was sent, and give it."""
    number = next(people)
    email, phone = f"editor{number}@walks.example", f"{account['phone'][:-4]}8{number:03}"
    get_password(page, site, account, email, phone)
    password = letter(site, email, PASSWORD)[0]
    log_in(page, site, account["number"], password)
    expect(page.locator("h1")).to_contain_text("Hello")
    return password


class ACustomer:
    def test_edits_contacts_and_clock_and_both_old_and_new_are_told(
        self, window: Window, site: dict[str, Any], javascript: bool
    ) -> None:
        account = newcomer(site)
        new = f"moved{next(people)}@walks.example"
        with window() as page:
            came_in(page, site, account)
            edit_page(page, site)
            page.get_by_label("Another e-mail address").fill(new)
            page.get_by_label("As little as possible").check()
            page.get_by_label("From").fill("20:15")
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_role("status")).to_contain_text(new)
            expect(page.get_by_label("As little as possible")).to_be_checked()
            expect(page.get_by_label("From")).to_have_value("20:15")
            seen(page)
            letter(site, account["email"], re.compile("was added to your account"))
            page.goto(letter(site, new, re.compile(LINK.format("confirm")))[0])
            page.get_by_role("button", name="Yes, confirm").click()
            expect(page.locator("h1")).to_contain_text("Thank you")
            edit_page(page, site)
            page.get_by_role("checkbox", name=f"Remove {new}").check()
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_role("status")).to_contain_text("is removed")
            letter(site, new, re.compile("This is the last message"))
            # The link of the last change: an earlier one no longer works.
            told = re.compile(f"was removed from your account.*?({LINK.format('revert')})")
            page.goto(letter(site, account["email"], told)[1])
            page.get_by_role("button", name="Take it back").click()
            expect(page.locator("h1")).to_contain_text("taken back")
            seen(page)
            page.goto(f"{site['site']}/edit")
            page.wait_for_url("**/login")

    def test_changes_a_registered_contact_soon_after_a_password_only_by_its_link(
        self, window: Window, site: dict[str, Any]
    ) -> None:
        account = newcomer(site)
        new = f"moved{next(people)}@walks.example"
        with window() as page:
            came_in(page, site, account)
            edit_page(page, site)
            page.get_by_label("Registered e-mail address").fill(new)
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_role("status")).to_contain_text("once you agree")
            expect(page.get_by_label("Registered e-mail address")).to_have_value(account["email"])
            seen(page)
            page.goto(letter(site, account["phone"], re.compile(LINK.format("change")))[0])
            seen(page)
            page.get_by_role("button", name="Yes, I agree").click()
            expect(page.locator("h1")).to_contain_text("it is changed")
            page.goto(letter(site, new, re.compile(LINK.format("confirm")))[0])
            page.get_by_role("button", name="Yes, confirm").click()
            edit_page(page, site)
            expect(page.get_by_label("Registered e-mail address")).to_have_value(new)
            letter(site, account["email"], re.compile("This is the last message"))

    def test_changes_the_password_with_a_button_that_shows_only_where_it_may(
        self, window: Window, site: dict[str, Any], javascript: bool
    ) -> None:
        account = newcomer(site)
        with window(refusals=True) as page:
            issued = came_in(page, site, account)
            edit_page(page, site)
            page.get_by_role("link", name="Change Password").click()
            seen(page)
            save, chosen = page.get_by_role("button", name="Save"), page.get_by_label("New password", exact=True)
            again = page.get_by_label("New password again")
            page.get_by_label("Current password").fill(issued)
            for first, second in (("", ""), ("seven77", "seven77"), (PILES, PILES), (CHOSEN, ""), (CHOSEN, CHOSEN + "!")):
                chosen.fill(first)
                again.fill(second)
                if javascript:
                    expect(save).to_be_hidden()
                    again.press("Enter")
                    assert page.url.endswith("/edit/password")
                else:
                    save.click()
                    expect(page.get_by_role("alert")).to_be_visible()
                    page.get_by_label("Current password").fill(issued)
            chosen.fill(CHOSEN)
            again.fill(CHOSEN)
            expect(save).to_be_visible()
            seen(page)
            save.click()
            expect(page.get_by_role("status")).to_contain_text("Your password is changed")
            letter(site, account["email"], re.compile("a new password was chosen"))
            page.get_by_role("button", name="Log out").click()
            log_in(page, site, account["number"], CHOSEN)
            expect(page.locator("h1")).to_contain_text("Hello")

    def test_of_one_utility_is_a_stranger_at_the_other(self, demo: dict[str, Any]) -> None:
        first, second = demo["utilities"][:2]
        account = next(a for a in first["accounts"] if "password" in a)
        wish = {"number": account["number"], "password": account["password"]}
        token = httpx.post(f"{first['site']}/api/v1/session", json=wish).raise_for_status().json()["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{first['site']}/api/v1/me/contacts", headers=bearer).status_code == 200
        for method, path in (("GET", "/me/contacts"), ("POST", "/me/contacts"), ("PUT", "/me/password")):
            # By the header: not every resolver knows names below localhost.
            reply = httpx.request(method, f"{first['site']}/api/v1{path}", headers=bearer | {"Host": second["host"]}, json={})
            assert reply.status_code == 401


class ThePasswordFields:
    def test_can_be_pasted_into_and_looked_at(self, browser: Browser, demo: dict[str, Any]) -> None:
        site = {**demo, "utility": demo["utilities"][0]}
        account = next(a for a in site["utility"]["accounts"] if "password" in a)
        with opened(browser, extra_http_headers=source()) as page:
            log_in(page, site, account["number"], account["password"])
            page.goto(f"{demo['site']}/edit/password")
            for label in ("New password", "New password again"):
                field = page.get_by_label(label, exact=True)
                field.focus()
                page.keyboard.insert_text(CHOSEN)
                expect(field).to_have_value(CHOSEN)
            expect(page.get_by_role("button", name="Save")).to_be_visible()
            page.get_by_role("button", name="Show").nth(1).click()
            expect(page.get_by_label("New password", exact=True)).to_have_attribute("type", "text")
