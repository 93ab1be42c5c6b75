"""A service request, customer and staff, in a real browser (journey 10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.browser.conftest import Site, Window
from tests.web.browser.console_walks import Desks
from tests.web.browser.elsewhere import Elsewhere
from tests.web.browser.walks import ONCE_EACH, customer_of, eager_customer_of, letter, log_in, seen

REFERENCE = re.compile(r"/requests/([A-Z0-9]{4}-[A-Z0-9]{4})")
Cards = Iterator[dict[str, Any]]
CLOSED = re.compile(r"Closed on \d{1,2} \w+ \d{4}, \d\d:\d\d")
NASTY = "<b onclick=alert(1)>dark</b> & {{ 7*7 }} " + "W" * 200 + "\nBcc: all@example.org\nالعداد لا يعمل"


def asks(page: Page, subject: str) -> str:
    """This will submit a request, starting from the menu, and give its number."""
    page.get_by_role("link", name="Requests", exact=True).click()
    seen(page)
    page.get_by_role("link", name="New request").first.click()
    seen(page)
    page.get_by_label("What is it about?").select_option(label="The meter")
    page.get_by_label("In a few words").fill(subject)
    page.get_by_label("What happened").fill(NASTY)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("We have it")
    seen(page)
    found = REFERENCE.search(page.url)
    assert found, page.url
    expect(page.locator(".said").first).to_contain_text("<b onclick=alert(1)>dark</b> & {{ 7*7 }}")
    return found[1]


class ARequest:
    def test_is_answered_closed_with_a_marked_box_and_opened_again(
        self, window: Window, site: Site, elsewhere: Elsewhere, desks: Desks, javascript: bool
    ) -> None:
        utility, other = site["utility"], site["other"]
        customer = eager_customer_of(utility)
        subject = f"The display is dark, {'with' if javascript else 'without'} script"
        with window() as page, window(width=1280) as desk:
            log_in(page, site, customer["number"], customer["password"])
            reference = asks(page, subject)
            assert letter(site, customer["email"], re.compile(f"Your request {reference}"))

            desks.sign_in(desk, utility, "staff")
            desk.get_by_role("link", name="Requests").first.click()
            seen(desk)
            desk.get_by_role("link", name=reference).click()
            expect(desk.locator("h1")).to_contain_text(subject)
            seen(desk)
            desk.get_by_label("Answer").fill("A colleague is on her way.")
            desk.get_by_role("button", name="Answer", exact=True).click()
            expect(desk.locator(".said").last).to_contain_text("A colleague is on her way.")
            assert letter(site, customer["email"], re.compile("> A colleague is on her way"))

            page.reload()
            expect(page.locator(".said").last).to_contain_text("A colleague is on her way.")
            assert not page.get_by_role("checkbox").is_checked()
            page.get_by_label("Add something").fill("Thank you.")
            page.get_by_role("button", name="Send").click()
            expect(page.locator(".said").last).to_contain_text("Thank you.")

            desk.get_by_label("Answer").fill("The fuse was changed.")
            desk.get_by_role("button", name="Answer and close").click()
            expect(desk.locator(".said").last).to_contain_text("closed the request")
            seen(desk)
            assert letter(site, customer["email"], re.compile(f"{reference} is closed(?s:.*)> The fuse was changed"))

            page.get_by_role("link", name="Requests", exact=True).click()
            mine = page.get_by_role("listitem").filter(has_text=reference)
            expect(mine.get_by_role("checkbox")).to_be_checked()
            expect(mine.get_by_role("checkbox")).to_be_disabled()
            expect(mine.get_by_text(CLOSED)).to_be_visible()
            expect(mine.locator("blockquote")).to_contain_text("The fuse was changed.")
            seen(page)

            mine.get_by_role("link", name=subject).click()
            page.get_by_label("What is still wrong?").fill("It is dark again.")
            page.get_by_role("button", name="Open it again").click()
            expect(page.locator(".said").last).to_contain_text("It is dark again.")
            assert not page.get_by_role("checkbox").is_checked()
            seen(page)
            elsewhere.must_not_meet(page, f"/requests/{reference}")

        with window(refusals=True) as desk:
            desks.sign_in(desk, other, "staff")
            desk.goto(f"{other['site']}/console/requests/{reference}")
            expect(desk.locator("h1")).to_contain_text("Not found")
            desk.goto(f"{other['site']}/console/requests?state=all")
            expect(desk.locator("main")).not_to_contain_text(reference)

    @ONCE_EACH
    def test_keeps_what_was_typed_where_it_is_refused(self, window: Window, site: Site) -> None:
        customer = customer_of(site["utility"])
        with window(refusals=True) as page:
            log_in(page, site, customer["number"], customer["password"])
            page.goto(f"{site['site']}/requests/new")
            page.get_by_label("In a few words").fill("No topic")
            page.get_by_label("What happened").fill("\nFirst line\nsecond line")
            page.get_by_role("button", name="Send").click()
            expect(page.get_by_role("alert")).to_contain_text("Choose what it is about.")
            expect(page.get_by_label("In a few words")).to_have_value("No topic")
            expect(page.get_by_label("What happened")).to_have_value("\nFirst line\nsecond line")
            seen(page)


class ADamagedCard:
    def test_is_told_without_its_code_checked_with_juice_and_settled(
        self, window: Window, site: Site, cards: Cards, elsewhere: Elsewhere, desks: Desks
    ) -> None:
        utility = site["utility"]
        customer, card = eager_customer_of(utility), next(cards)
        with window() as page, window(width=1280) as desk:
            log_in(page, site, customer["number"], customer["password"])
            page.goto(f"{site['site']}/redeem")
            page.get_by_role("link", name="The card cannot be read").click()
            seen(page)
            expect(page.locator("main")).to_contain_text("Never give the scratch code")
            page.get_by_label("Serial number").fill(card["serial"])
            page.get_by_label("What is wrong with it?").select_option(label="The scratch code cannot be read at all")
            page.get_by_label("What happened to it").fill("It was washed with my trousers.")
            page.get_by_role("button", name="Send").click()
            expect(page.get_by_role("status")).to_contain_text("We have it")
            expect(page.locator("main")).to_contain_text(card["serial"])
            seen(page)
            found = REFERENCE.search(page.url)
            assert found, page.url

            desks.sign_in(desk, utility, "staff")
            desk.goto(f"{utility['site']}/console/requests/{found[1]}")
            seen(desk)
            desk.get_by_role("button", name="Check with Juice").click()
            expect(desk.locator("#card")).to_contain_text("Ready to use: nobody has used it")
            seen(desk)
            desk.get_by_label("what was done about the card?").select_option(label="Replaced by another card")
            desk.get_by_label("Answer").fill("It lies at our office for you.")
            desk.get_by_role("button", name="Answer and close").click()
            expect(desk.locator("#card")).to_contain_text("Replaced by another card")
            seen(desk)
            assert letter(site, customer["email"], re.compile(f"{found[1]} is closed(?s:.*)another card in its place"))

            page.reload()
            expect(page.locator("#outcome")).to_contain_text("You get another card in its place.")
            seen(page)
            elsewhere.must_not_meet(page, f"/requests/{found[1]}")
