"""Staff at the desk, in a real browser: a customer's account, looked up and helped with, and what is to be looked at."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import opened
from tests.processes.people import source
from tests.running import Running
from tests.web.browser.test_buying import PAYS, Customer, juice_fault
from tests.web.browser.walks import PATIENCE_MS, customer_of, letter, seen, sign_in


@pytest.fixture(scope="module")
def demo(running_portal: Running) -> dict[str, Any]:
    return running_portal.demo


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def window(javascript: bool, browser: Browser) -> Any:
    return partial(opened, browser, javascript=javascript, extra_http_headers=source())


class Staff:
    @pytest.mark.parametrize(("place", "width"), [(0, 1280), (1, 360)], ids=["of the first utility", "of the second, on a phone"])
    def test_looks_an_account_up_and_has_its_customer_sent_a_link(
        self, window: Any, demo: dict[str, Any], place: int, width: int
    ) -> None:
        utility, other = demo["utilities"][place], demo["utilities"][1 - place]
        account = next(each for each in utility["accounts"] if "password" not in each)
        with window(width=width, refusals=True) as page:
            sign_in(page, utility)
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
            assert letter(demo, account["email"], re.compile(rf"{re.escape(utility['site'])}/continue/\S+"), PATIENCE_MS / 1000)

            stranger = customer_of(other)
            page.goto(f"{utility['site']}/console/accounts/{stranger['number']}")
            expect(page.get_by_role("status")).to_contain_text("Nothing was read")
            seen(page)
            page.get_by_role("button", name="Look").click()
            expect(page.get_by_role("main")).not_to_contain_text(stranger["address"])

    def test_sees_a_purchase_in_doubt_follows_it_to_its_account_and_sees_it_end(
        self, window: Any, demo: dict[str, Any], javascript: bool
    ) -> None:
        lost = {"kind": "lose-reply", "times": 1, "path": "/vends"}
        away = {"kind": "unavailable", "times": 500, "path": "/advices"}
        with window(width=360) as phone, window(width=1280) as desk:
            one = Customer(phone, demo, 0, javascript=javascript).to_payment()
            number = one.account["number"]
            sign_in(desk, one.utility)
            with juice_fault(demo, lost, away):
                one.pay(PAYS)
                expect(phone.get_by_text("You will not be charged twice.")).to_be_visible(timeout=PATIENCE_MS)
                desk.get_by_role("navigation").get_by_role("link", name="To look at").click()
                seen(desk)
                case = desk.locator(".cases li").filter(has=desk.get_by_role("link", name=number, exact=True))
                expect(case).to_have_count(1)
                expect(case).to_contain_text("Seed asks Juice again and again")
                expect(case).to_contain_text("nothing is charged or credited twice")
                message_id = case.locator("code").inner_text()
                case.get_by_role("link", name=number, exact=True).click()
                desk.wait_for_url(f"**/console/accounts/{number}")
                expect(desk.locator(".listing").first).to_contain_text("in doubt")
                expect(desk.locator(".listing").first).to_contain_text(message_id)
                seen(desk)
            assert one.paid()
            desk.get_by_role("navigation").get_by_role("link", name="To look at").click()
            expect(desk.get_by_role("main")).not_to_contain_text(message_id)
            seen(desk)
