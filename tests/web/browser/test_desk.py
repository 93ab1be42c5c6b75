"""Staff at the desk, in a real browser: a customer's account, looked up and helped with, and what is to be looked at."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.books import differ
from tests.browser import PATIENCE_MS
from tests.faults import faults
from tests.running import Running
from tests.web.browser.conftest import Site, Window
from tests.web.browser.console_walks import Desks
from tests.web.browser.test_buying import PAYS, Customer
from tests.web.browser.walks import ONCE_EACH, customer_of, letter, seen


class Staff:
    def test_looks_an_account_up_and_has_its_customer_sent_a_link(
        self, window: Window, site: Site, newcomer: dict[str, Any], desks: Desks, place: int
    ) -> None:
        utility, other, account = site["utility"], site["other"], newcomer
        with window(width=(1280, 360)[place], refusals=True) as page:
            desks.sign_in(page, utility, "staff")
            page.get_by_role("navigation").get_by_role("link", name="Accounts").click()
            seen(page)
            page.get_by_label("Account or meter number").fill("999999999")
            page.get_by_role("button", name="Look").click()
            expect(page.locator(".summary")).to_be_visible()
            expect(page.get_by_label("Account or meter number")).to_have_value("999999999")
            seen(page)
            page.get_by_label("Account or meter number").fill(account["number"])
            page.get_by_role("button", name="Look").click()
            page.wait_for_url(f"**/console/accounts/{account['number']}")
            expect(page.get_by_role("main")).to_contain_text(account["address"])
            expect(page.get_by_role("main")).not_to_contain_text(account["email"])
            seen(page)
            page.get_by_role("link", name="Show them in full").click()
            expect(page.locator(".contacts").first).to_contain_text(account["email"])
            seen(page)

            page.get_by_role("button", name="Send the link").click()
            expect(page.get_by_role("status")).to_contain_text(re.compile("on its way|may not be shown yet"))
            seen(page)
            assert letter(site, account["email"], re.compile(rf"{re.escape(utility['site'])}/continue/\S+"), PATIENCE_MS / 1000)

            stranger = customer_of(other)
            page.goto(f"{utility['site']}/console/accounts/{stranger['number']}")
            expect(page.get_by_role("status")).to_contain_text("Nothing was read")
            seen(page)
            page.get_by_role("button", name="Look").click()
            expect(page.get_by_role("main")).not_to_contain_text(stranger["address"])

    @ONCE_EACH
    def test_sees_a_purchase_in_doubt_follows_it_to_its_account_and_sees_it_end(
        self, window: Window, site: Site, desks: Desks, javascript: bool
    ) -> None:
        lost = {"kind": "lose-reply", "times": 1, "path": "/vends"}
        away = {"kind": "unavailable", "times": 500, "path": "/advices"}
        with window(width=360) as phone, window(width=1280) as desk:
            one = Customer(phone, site, javascript=javascript).to_payment()
            number = one.account["number"]
            desks.sign_in(desk, one.utility, "staff")
            with faults(site["juice"], lost, away):
                one.pay(PAYS)
                expect(phone.get_by_text("You will not be charged twice.")).to_be_visible()
                desk.get_by_role("navigation").get_by_role("link", name="To look at").click()
                seen(desk)
                case = desk.locator(".cases li").filter(has=desk.get_by_role("link", name=number, exact=True))
                expect(case).to_have_count(1)
                expect(case).to_contain_text("Seed asks Juice again and again")
                expect(case).to_contain_text("nothing is charged or credited twice")
                message_id = case.locator("code").inner_text()
                case.get_by_role("link", name=number, exact=True).click()
                desk.wait_for_url(f"**/console/accounts/{number}")
                expect(desk.locator("#payments .listing")).to_contain_text("in doubt")
                expect(desk.locator("#payments .listing")).to_contain_text(message_id)
                seen(desk)
            assert one.paid()
            desk.get_by_role("navigation").get_by_role("link", name="To look at").click()
            expect(desk.get_by_role("main")).not_to_contain_text(message_id)
            seen(desk)

    def test_settles_a_difference_between_the_books_with_one_button(
        self, window: Window, site: Site, desks: Desks, running_portal: Running, place: int
    ) -> None:
        utility = site["utility"]
        number = customer_of(utility)["number"]
        difference_id = differ(running_portal, utility["code"], number)
        with window(width=(360, 1280)[place], refusals=True) as page:
            desks.sign_in(page, utility, "staff")
            page.get_by_role("navigation").get_by_role("link", name="To look at").click()
            case = page.locator(f"#d-{difference_id}")
            expect(case).to_contain_text("Power was issued, and no money was taken")
            expect(case).to_contain_text(number)
            seen(page)
            case.get_by_label("Reference of your case").fill("Board 7/26")
            case.get_by_role("button", name="It is settled").click()
            expect(page.locator(".summary")).to_contain_text("Choose how it was settled")
            expect(case.get_by_label("Reference of your case")).to_have_value("Board 7/26")
            seen(page)
            case.get_by_label("How was it settled?").select_option(label="It was written off")
            case.get_by_role("button", name="It is settled").click()
            expect(page.get_by_role("status")).to_contain_text("It is on record, with your name")
            expect(page.locator(f"#d-{difference_id}")).to_have_count(0)
            page.locator("summary", has_text="Settled in the last 30 days").click()
            expect(page.locator("details .listing")).to_contain_text("It was written off Board 7/26")
            seen(page)
