"""What people do on the site, step by step, with a browser: against any running portal with a demo."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser import overflow

PASSWORD = re.compile(r"[0-9a-z]{4}(?:-[0-9a-z]{4}){6}")
TWENTY_DIGITS = re.compile(r"\d{4}( \d{4}){4}")

ONCE_EACH = pytest.mark.parametrize(
    ("javascript", "place"),
    [(True, 0), (False, 1)],
    ids=["with JavaScript at the first utility", "without JavaScript at the second"],
    indirect=True,
)
"""For byways: each utility and each kind of browser once. The main way of a journey is walked in all four."""


def link(purpose: str) -> re.Pattern[str]:
    """This will give the pattern of a link in a message: undo, confirm, change, revert, continue."""
    return re.compile(rf"https?://\S+/{purpose}/[\w-]+=*")


def seen(page: Page) -> None:
    """This will see that the page is whole: no wider than the window, one heading, the utility's name."""
    assert overflow(page) <= 0, f"{page.url} is wider than the window"
    expect(page.locator("h1")).to_have_count(1)
    expect(page).to_have_title(re.compile("^[^·]+ · [^·]+$"))


def fill_card(page: Page, card: dict[str, Any], *, javascript: bool) -> None:
    """This will type a card; with JavaScript its amount is seen at once."""
    page.get_by_label("Serial number").fill(card["serial"])
    page.get_by_label("Scratch code").fill(card["code"])
    if javascript:
        page.get_by_label("Scratch code").press("Tab")
        amount_seen(page, card)


def press_redeem(page: Page, card: dict[str, Any], *, javascript: bool) -> None:
    """This will redeem the card; a page of its own shows the meter to a visitor first, and to anybody without JavaScript."""
    is_visitor = page.get_by_label("Meter or account number").count() > 0
    send_card(page)
    if is_visitor or not javascript:
        amount_seen(page, card)
        page.get_by_role("button", name="Redeem").click()
    page.wait_for_url("**/redemptions/**")


def send_card(page: Page) -> None:
    """This will press the button under the card."""
    page.locator("#redeem button[type=submit]").click()


def amount_seen(page: Page, card: dict[str, Any]) -> None:
    """This will wait until the page shows what the card is worth."""
    amount = card["amount"]
    worth = re.compile(rf"(ZAR\s{amount // 100:,}\.{amount % 100:02}|UGX\s{amount:,})$")  # what is printed on it, in minor units
    expect(page.locator("#amount")).to_have_text(worth)
    seen(page)


def redeem(page: Page, demo: dict[str, Any], card: dict[str, Any], number: str, *, javascript: bool) -> None:
    """This will redeem a card from the landing page, up to the page that says what became of it."""
    page.goto(demo["site"])
    seen(page)
    page.get_by_role("link", name="Redeem a Juice Card").click()
    fill_card(page, card, javascript=javascript)
    page.get_by_label("Meter or account number").fill(number)
    press_redeem(page, card, javascript=javascript)
    seen(page)


def tokens(page: Page) -> list[str]:
    """This will wait for the end, and give the tokens in the order in which they are to be entered."""
    expect(page.locator("h1")).to_contain_text("redeemed")
    expect(page.locator(".token").first).to_be_visible()
    seen(page)
    return page.locator(".token").all_inner_texts()


def get_password(page: Page, demo: dict[str, Any], account: dict[str, Any], email: str, phone: str) -> None:
    """This will have a password sent for an account whose address one knows."""
    page.goto(demo["site"])
    page.get_by_role("link", name="Get Password").click()
    seen(page)
    page.get_by_label("Account or meter number").fill(account["number"])
    page.get_by_role("button", name="Continue").click()
    seen(page)
    assert page.get_by_role("radio").count() == 10
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_label("Your phone number").fill(phone)
    page.get_by_label(account["address"], exact=True).check()
    page.get_by_role("button", name="Send the password").click()
    expect(page.locator("h1")).to_contain_text("on its way")
    seen(page)


def log_in(page: Page, demo: dict[str, Any], number: str, password: str) -> None:
    """This will log in, wherever that leads."""
    page.goto(demo["site"])
    page.get_by_role("link", name="Log in").last.click()
    seen(page)
    page.get_by_label("Account or meter number").fill(number)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def letter(demo: dict[str, Any], to: str, wanted: re.Pattern[str], patience_s: float = 120) -> re.Match[str]:
    """This will wait for a message to somebody, and give what was looked for in it, wherever its lines end."""
    deadline = time.monotonic() + patience_s
    while True:
        found = httpx.get(f"{demo['inbox']}/api/messages", params={"to": to}).raise_for_status().json()["messages"]
        for message in reversed(found):
            if match := wanted.search(" ".join(message["text"].split())):
                return match
        assert time.monotonic() < deadline, f"no message to {to} held {wanted.pattern} ({len(found)} came)"
        time.sleep(0.2)


def edit_page(page: Page, demo: dict[str, Any]) -> None:
    """This will open the Edit page from the menu."""
    page.goto(f"{demo['site']}/dashboard")
    page.get_by_role("navigation").get_by_role("link", name="Edit").click()
    expect(page.locator("h1")).to_contain_text("Edit your details")
    seen(page)


def customer_of(utility: dict[str, Any], kind: str = "STS", place: int = 0) -> dict[str, Any]:
    """This will give an account that one can log in to. Limits are counted by account, so that walks which buy much, or ask
    for many messages, take one at another place."""
    return dict([a for a in utility["accounts"] if a["meter_kind"] == kind and "password" in a][place])


def eager_customer_of(utility: dict[str, Any]) -> dict[str, Any]:
    """This will give the customer without quiet hours: what is written to them is written at once, whatever the hour."""
    return dict(next(account for account in utility["accounts"] if account["buys_little"]))
