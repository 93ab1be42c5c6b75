"""Edit and Change Password in a real browser (journeys 8 and 9)."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.browser import opened
from tests.processes.people import source
from tests.web.browser.conftest import Site, Window
from tests.web.browser.elsewhere import Elsewhere
from tests.web.browser.walks import ONCE_EACH, PASSWORD, customer_of, edit_page, get_password, letter, link, log_in, seen

CHOSEN = "twelve purple giraffes"
PILES = "\N{PILE OF POO}" * 4 + "abc"
"""Seven characters, which a script that counts otherwise takes for eleven."""

people = count(1)


def came_in(page: Page, site: Site, account: dict[str, Any]) -> str:
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
        self, window: Window, site: Site, newcomer: dict[str, Any], elsewhere: Elsewhere
    ) -> None:
        account = newcomer
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
            page.goto(letter(site, new, link("confirm"))[0])
            page.get_by_role("button", name="Yes, confirm").click()
            expect(page.locator("h1")).to_contain_text("Thank you")
            edit_page(page, site)
            elsewhere.must_not_meet(page, words=(new, account["number"]))
            page.get_by_role("checkbox", name=f"Remove {new}").check()
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_role("status")).to_contain_text("is removed")
            letter(site, new, re.compile("This is the last message"))
            # The link of the last change: an earlier one no longer works.
            told = re.compile(f"was removed from your account.*?({link('revert').pattern})")
            revert = letter(site, account["email"], told)[1]
            elsewhere.does_not_know(revert)
            page.goto(revert)
            page.get_by_role("button", name="Take it back").click()
            expect(page.locator("h1")).to_contain_text("taken back")
            seen(page)
            page.goto(f"{site['site']}/edit")
            page.wait_for_url("**/login")

    @ONCE_EACH
    def test_changes_a_registered_contact_soon_after_a_password_only_by_its_link(
        self, window: Window, site: Site, newcomer: dict[str, Any], elsewhere: Elsewhere
    ) -> None:
        account = newcomer
        new = f"moved{next(people)}@walks.example"
        with window() as page:
            came_in(page, site, account)
            edit_page(page, site)
            page.get_by_label("Registered e-mail address").fill(new)
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_role("status")).to_contain_text("once you agree")
            expect(page.get_by_label("Registered e-mail address")).to_have_value(account["email"])
            seen(page)
            agree = letter(site, account["phone"], link("change"))[0]
            elsewhere.does_not_know(agree)
            page.goto(agree)
            seen(page)
            page.get_by_role("button", name="Yes, I agree").click()
            expect(page.locator("h1")).to_contain_text("it is changed")
            page.goto(letter(site, new, link("confirm"))[0])
            page.get_by_role("button", name="Yes, confirm").click()
            edit_page(page, site)
            expect(page.get_by_label("Registered e-mail address")).to_have_value(new)
            letter(site, account["email"], re.compile("This is the last message"))

    def test_changes_the_password_with_a_button_that_shows_only_where_it_may(
        self, window: Window, site: Site, newcomer: dict[str, Any], elsewhere: Elsewhere, javascript: bool
    ) -> None:
        account = newcomer
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
            log_in(page, elsewhere.site, account["number"], CHOSEN)
            expect(page.get_by_role("alert")).to_contain_text("do not go together")
            log_in(page, site, account["number"], CHOSEN)
            expect(page.locator("h1")).to_contain_text("Hello")
            elsewhere.must_not_meet(page)

    def test_of_one_utility_is_a_stranger_at_the_other(self, demo: dict[str, Any]) -> None:
        first, second = demo["utilities"][:2]
        account = customer_of(first)
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
        account = customer_of(demo["utilities"][0])
        with opened(browser, extra_http_headers=source()) as page:
            log_in(page, demo, account["number"], account["password"])
            page.goto(f"{demo['site']}/edit/password")
            for label in ("New password", "New password again"):
                field = page.get_by_label(label, exact=True)
                field.focus()
                page.keyboard.insert_text(CHOSEN)
                expect(field).to_have_value(CHOSEN)
            expect(page.get_by_role("button", name="Save")).to_be_visible()
            page.get_by_role("button", name="Show").nth(1).click()
            expect(page.get_by_label("New password", exact=True)).to_have_attribute("type", "text")
