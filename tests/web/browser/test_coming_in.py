"""Coming in: from the landing page and a new account to a password and the dashboard, in a real browser (journeys 1 to 6)."""

from __future__ import annotations

import re
import time
from itertools import count
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser import PATIENCE_MS
from tests.processes.newly_told import tell_of_account
from tests.running import Running
from tests.web.browser.conftest import Site, Window
from tests.web.browser.elsewhere import Elsewhere
from tests.web.browser.walks import ONCE_EACH, PASSWORD, customer_of, get_password, letter, link, log_in, seen

people = count(1)
CURRENCY = {"harbour": "ZAR", "lakeside": "UGX"}


def given(account: dict[str, Any]) -> tuple[str, str]:
    """An e-mail address and a phone number that nobody gave before."""
    number = next(people)
    return f"walker{number}@walks.example", f"{account['phone'][:-4]}9{number:03}"


def cannot_continue(page: Page, site: Site, number: str) -> None:
    """This will see that nobody gets past the first question with a number."""
    page.goto(f"{site['site']}/get-password")
    page.get_by_label("Account or meter number").fill(number)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("No account and no meter has this number.")
    expect(page.get_by_label("Account or meter number")).to_have_value(number)


def told_of(page: Page, site: Site, number: str) -> None:
    """This will ask for a password until Seed has learnt of the account, as somebody who was just connected might."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        page.goto(f"{site['site']}/get-password")
        page.get_by_label("Account or meter number").fill(number)
        page.get_by_role("button", name="Continue").click()
        if page.get_by_role("radio").count():
            return
        assert time.monotonic() < deadline, "Juice told of the account, and Seed knows nothing of it"
        page.wait_for_timeout(500)


class TheLandingPage:
    def test_leads_to_the_four_ways_under_the_name_and_colours_of_its_utility(
        self, window: Window, site: Site, elsewhere: Elsewhere
    ) -> None:
        name = {}
        with window() as page:
            for each in (elsewhere.site, site):
                page.goto(each["site"])
                seen(page)
                name[each["site"]] = page.locator("header .name").inner_text()
                expect(page.locator("h1")).to_have_text(f"Welcome to {name[each['site']]}")
                name[each["site"]] += page.locator("meta[name=theme-color]").get_attribute("content") or ""
            assert len(set(name.values())) == 2
            for door, heading in (
                ("Redeem a Juice Card", "Redeem a Juice Card"),
                ("Log in", "Log in"),
                ("Get Password", "Get Password"),
                ("Information", name[site["site"]].partition("#")[0]),
            ):
                page.goto(site["site"])
                page.locator(".door").filter(has_text=door).first.click()
                expect(page.locator("h1")).to_have_text(heading)
                seen(page)


class ANewAccount:
    def test_has_a_password_that_nobody_knows_until_its_owner_has_one_sent(
        self, window: Window, site: Site, elsewhere: Elsewhere, running_portal: Running
    ) -> None:
        account = tell_of_account(running_portal, site["utility"]["code"])
        email, phone = given(account)
        with window(refusals=True) as page:
            told_of(page, site, account["number"])
            for guess in (account["number"], account["meter"]):
                log_in(page, site, account["number"], guess)
                expect(page.get_by_role("alert")).to_contain_text("do not go together")
            get_password(page, site, account, email, phone)
            log_in(page, site, account["meter"], letter(site, email, PASSWORD)[0])
            expect(page.locator("h1")).to_contain_text(f"Hello, {account['name']}")
            seen(page)
            elsewhere.must_not_meet(page, words=(account["number"], account["address"]))
        with window(refusals=True) as page:
            cannot_continue(page, elsewhere.site, account["number"])
            cannot_continue(page, elsewhere.site, account["meter"])


class ACustomer:
    def test_cannot_continue_with_a_number_that_is_nobodys_or_the_other_utilitys(
        self, window: Window, site: Site, elsewhere: Elsewhere
    ) -> None:
        stranger = customer_of(elsewhere.utility)
        with window(refusals=True) as page:
            for number in ("99999999", stranger["number"], stranger["meter"]):
                cannot_continue(page, site, number)
                seen(page)
            page.goto(f"{site['site']}/get-password/confirm")
            page.wait_for_url("**/get-password")

    def test_gets_a_password_in_four_places_and_reaches_the_dashboard(
        self, window: Window, site: Site, newcomer: dict[str, Any], elsewhere: Elsewhere
    ) -> None:
        email, phone = given(newcomer)
        with window() as page:
            get_password(page, site, newcomer, email, phone)
            assert page.locator(".places li").count() == 4
            password = letter(site, email, PASSWORD)[0]
            for place in (phone, newcomer["email"], newcomer["phone"]):
                assert letter(site, place, PASSWORD)[0] == password
            confirm, undo = letter(site, email, link("confirm"))[0], letter(site, newcomer["email"], link("undo"))[0]
            for sent in (confirm, undo):
                elsewhere.does_not_know(sent)
            page.goto(confirm)
            page.get_by_role("button", name="Yes, confirm").click()
            expect(page.locator("h1")).to_contain_text("Thank you")
            seen(page)
            log_in(page, site, newcomer["meter"], password)
            expect(page.locator("h1")).to_contain_text("Hello")
            expect(page.get_by_role("listitem").filter(has_text=email)).to_contain_text("secondary")
            elsewhere.must_not_meet(page, words=(email, newcomer["address"]))
            page.goto(undo)
            page.get_by_role("button", name="Take it back").click()
            expect(page.locator("h1")).to_contain_text("taken back")
            page.goto(undo)
            expect(page.locator("h1")).to_contain_text("taken back")
            expect(page.locator("main button")).to_have_count(0)
            page.goto(f"{site['site']}/dashboard")
            page.wait_for_url("**/login")

    @ONCE_EACH
    def test_goes_on_by_a_link_to_a_registered_contact_after_two_wrong_picks(
        self, window: Window, site: Site, newcomer: dict[str, Any], elsewhere: Elsewhere
    ) -> None:
        email, phone = given(newcomer)
        with window(refusals=True) as page:
            page.goto(f"{site['site']}/get-password")
            page.get_by_label("Account or meter number").fill(newcomer["number"])
            page.get_by_role("button", name="Continue").click()
            page.get_by_label("Your e-mail address").fill(email)
            page.get_by_label("Your phone number").fill(phone)
            for said in ("You have one more try", "not enough for this account"):
                page.get_by_role("radio").and_(page.locator(f":not({registered(page, newcomer)})")).first.check()
                page.get_by_role("button", name="Send the password").click()
                expect(page.locator("main")).to_contain_text(said)
                seen(page)
            page.get_by_role("button", name="Send me the link").click()
            expect(page.locator("h1")).to_contain_text("The link is on its way")
            continues = letter(site, newcomer["email"], link("continue"))[0]
            elsewhere.does_not_know(continues)
            page.goto(continues)
            seen(page)
            page.get_by_label("Your e-mail address").fill(email)
            page.get_by_label("Your phone number").fill(phone)
            page.get_by_role("button", name="Send the password").click()
            expect(page.locator("h1")).to_contain_text("on its way")
            log_in(page, site, newcomer["number"], letter(site, email, PASSWORD)[0])
            expect(page.locator("h1")).to_contain_text("Hello")

    def test_logs_in_with_account_or_meter_number_and_out_again(self, window: Window, site: Site, elsewhere: Elsewhere) -> None:
        account = customer_of(site["utility"])
        with window(refusals=True) as page:
            for where, password in ((site, "not the password"), (elsewhere.site, account["password"])):
                log_in(page, where, account["number"], password)
                expect(page.get_by_role("alert")).to_contain_text("do not go together")
                expect(page.get_by_label("Account or meter number")).to_have_value(account["number"])
                seen(page)
            for number in (account["number"], account["meter"]):
                log_in(page, site, number, account["password"])
                expect(page.locator("h1")).to_contain_text("Hello")
                if number == account["number"]:
                    elsewhere.must_not_meet(page)
                page.get_by_role("button", name="Log out").click()
                page.goto(f"{site['site']}/dashboard")
                page.wait_for_url("**/login")

    def test_sees_contacts_wallet_arrears_usage_and_activity_on_the_dashboard(
        self, window: Window, site: Site, elsewhere: Elsewhere
    ) -> None:
        account = customer_of(site["utility"], place=1)  # the one with several debts
        with window() as page:
            log_in(page, site, account["number"], account["password"])
            expect(page.locator("h1")).to_have_text(f"Hello, {account['name']}")
            seen(page)
            menu = page.get_by_role("navigation", name="Main menu").locator("a, button").all_inner_texts()
            assert menu == ["Dashboard", "Buy power", "Requests", "Info", "Edit", "Log out"]
            for tile in ("Wallet", "Arrears"):
                shown = page.locator(".tile").filter(has=page.get_by_role("heading", name=tile))
                expect(shown.locator(".big")).to_contain_text(CURRENCY[site["utility"]["code"]])
            expect(page.locator(".tile").filter(has_text="Power left").locator(".big")).to_contain_text(re.compile("day|–"))
            assert page.locator("svg.chart").count() >= 1
            assert page.locator(".debts li").count() >= 2 and page.locator(".activity > li").count() >= 1
            for known in (account["address"], account["email"], f"Meter {account['meter']}"):
                expect(page.locator("main").get_by_text(known, exact=True).first).to_be_visible()
            elsewhere.must_not_meet(page, words=(account["number"], account["address"], account["email"]))
            for name in ("Buy power", "Requests", "Info", "Edit", "Dashboard"):
                page.get_by_role("navigation", name="Main menu").get_by_role("link", name=name).click()
                seen(page)


def registered(page: Page, account: dict[str, Any]) -> str:
    """The choice that is the account's address, as a selector."""
    return f"[value='{page.get_by_label(account['address'], exact=True).get_attribute('value')}']"
