"""A purchase whose reply is lost at a Juice without message ids, where others fit too: staff decides, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.faults import faults
from tests.later import Later
from tests.processes.till import Till
from tests.running import tended
from tests.web.browser.conftest import Site, Window
from tests.web.browser.console_walks import Desks
from tests.web.browser.elsewhere import Elsewhere, path_of
from tests.web.browser.test_buying import PAYS, Customer
from tests.web.browser.walks import ONCE_EACH, TWENTY_DIGITS, seen

LOST = {"kind": "lose-reply", "times": 1, "path": "/vends"}
MORE = count()
REASON = "The operator read me the till's roll: ours is the later one."


@pytest.fixture(scope="module", autouse=True)
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Later]:
    """A portal of its own at the harder kind of Juice, by a clock that can be set forward; there before the browser is."""
    running = Later(tmp_path_factory.mktemp("deciding"))
    running.environment["SEED_JUICE_ADVICE"] = "no"
    with tended(running) as portal:
        yield portal
        assert portal.unexpected() == []


@pytest.fixture(scope="module")
def demo(portal: Later) -> dict[str, Any]:
    """What this portal's demo.json says."""
    return portal.demo


@pytest.fixture(scope="module")
def desks() -> Desks:
    """The sessions at this portal's consoles."""
    return Desks()


class Buyer(Customer):
    """A customer whose purchase stays in doubt, since another till sold just the same, twice.

    One sale alone would be taken for the purchase's, were it looked for before Juice lists the purchase's own.
    """

    till: Till
    others: set[str]

    def __init__(self, page: Page, site: Site, *, javascript: bool) -> None:
        super().__init__(page, site, javascript=javascript)
        # An amount of its own: what another walk's till sold is no candidate.
        self.amount = str(int(self.amount) + next(MORE) * (1 if self.utility["code"] == "harbour" else 1000))

    def buys_what_another_till_sold_too(self, portal: Later) -> None:
        """This will pay, and wait until the page says that somebody has to find out."""
        self.till = Till(portal, self.utility["code"])
        self.to_payment()
        self.others = {self.till.sells(self.account["meter"], self.minor).transaction for _ in range(2)}
        with faults(self.site["juice"], LOST):
            self.pay(PAYS)
            expect(self.page.get_by_text("You will not be charged twice.")).to_be_visible()
        expect(self.page.get_by_text("finds out by hand")).to_be_visible()
        seen(self.page)

    @property
    def minor(self) -> int:
        """What is paid, in minor units."""
        return int(self.amount) * (100 if self.utility["code"] == "harbour" else 1)

    def sold(self) -> set[str]:
        """Juice's numbers of what was sold for that amount."""
        return {each.transaction for each in self.till.sold(self.account["meter"]) if each.amount == self.minor}


@pytest.fixture
def purchase(window: Window, site: Site, portal: Later, javascript: bool) -> Iterator[Buyer]:
    """A customer's phone, on the page of a purchase that is ambiguous."""
    with window() as page:
        buyer = Buyer(page, site, javascript=javascript)
        buyer.buys_what_another_till_sold_too(portal)
        yield buyer


def to_decide(desk: Page, buyer: Buyer) -> Locator:
    """This will find the purchase under what is to be looked at, open it, and give the choice of its transactions."""
    desk.get_by_role("navigation").get_by_role("link", name="To look at").click()
    seen(desk)
    number = buyer.account["number"]
    case = desk.locator(".cases li").filter(has=desk.get_by_role("link", name=number, exact=True))
    expect(case).to_contain_text("cannot be told")
    case.get_by_role("link", name="Choose its transaction, or none").click()
    expect(desk.locator("h1")).to_contain_text("An ambiguous purchase")
    expect(desk.get_by_role("main")).to_contain_text(number)
    choice = desk.get_by_label("Which transaction is it?")
    for _ in range(100):  # Juice's feed tells of them within a second or two
        if choice.locator("option").count() == 5:
            break
        desk.wait_for_timeout(200)
        desk.reload()
    expect(choice.locator("option")).to_have_count(5)  # "Choose", the three sales, none
    seen(desk)
    return choice


class AnAmbiguousPurchase:
    def test_is_settled_by_the_transaction_that_staff_chooses(
        self, purchase: Buyer, window: Window, site: Site, desks: Desks, elsewhere: Elsewhere, place: int
    ) -> None:
        page, utility = purchase.page, site["utility"]
        with window(width=(1280, 360)[place], refusals=True) as desk:
            desks.sign_in(desk, utility, "staff")
            choice, (ours,) = to_decide(desk, purchase), purchase.sold() - purchase.others
            where = path_of(desk)

            desk.get_by_label("How do you know?").fill(REASON)
            desk.get_by_role("button", name="Settle it").click()
            expect(desk.locator(".summary")).to_contain_text("Choose the transaction that it is")
            expect(desk.get_by_label("How do you know?")).to_have_value(REASON)
            seen(desk)

            choice.select_option(ours)
            desk.get_by_role("button", name="Settle it").click()
            expect(desk.get_by_role("status")).to_contain_text("It is settled")
            seen(desk)

            tokens = purchase.paid()
            assert tokens and all(TWENTY_DIGITS.fullmatch(token) for token in tokens)
            expect(page.get_by_role("main")).to_contain_text(f"Receipt {ours}")
            payment = purchase.payment()
            assert (payment["authorised"], payment["captured"]) == (1, 1)
            assert purchase.sold() == {ours} | purchase.others

            desk.get_by_role("link", name="To look at").last.click()
            expect(desk.get_by_role("main")).not_to_contain_text(purchase.account["number"])
            elsewhere.must_not_meet(page, path_of(page), words=tuple(tokens))
            desks.sign_in(desk, site["other"], "staff")
            desk.goto(f"{site['other']['site']}{where}")
            expect(desk.locator("h1")).to_contain_text("Not found")

    @ONCE_EACH
    def test_is_let_go_where_staff_finds_that_none_is_its_own_and_not_before_none_can_come(
        self, purchase: Buyer, window: Window, site: Site, desks: Desks, portal: Later
    ) -> None:
        page = purchase.page
        with window(width=360, refusals=True) as desk:
            desks.sign_in(desk, site["utility"], "staff")
            choice = to_decide(desk, purchase)
            choice.select_option(label="None of them: Juice sold nothing for it")
            desk.get_by_label("How do you know?").fill("All are of the shop at the corner.")
            desk.get_by_role("button", name="Settle it").click()
            expect(desk.locator(".summary")).to_contain_text("may still arrive")
            expect(desk.get_by_label("How do you know?")).to_have_value("All are of the shop at the corner.")
            seen(desk)
            with portal.ahead(minutes=16):
                desk.get_by_role("button", name="Settle it").click()
                expect(desk.get_by_role("status")).to_contain_text("It is settled")
                expect(page.locator("h1")).to_contain_text("Nothing was bought")
                expect(page.get_by_text("The bank no longer keeps the money")).to_be_visible()
                seen(page)
                payment = purchase.payment()
                assert (payment["status"], payment["captured"]) == ("canceled", 0)
