"""What is lived on a recorded portal: each thing by which a secret comes to Seed, with everything that may go wrong on it."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import Any, NamedTuple

import httpx

from tests.in_the_clear.tapped import Tapped
from tests.processes.caller import PASSWORD, Caller, fresh
from tests.processes.people import sellable, source, spare_cards
from tests.processes.test_purchases import CARD, Buyer

EMAIL, PHONE = "somebody.new@clear.example", "+27831119999"
OWN_PASSWORD = "Seventeen grey herons"


class Secret(NamedTuple):
    """Something that must stand nowhere but where its `kind` is allowed to."""

    kind: str
    text: str


class Lived(NamedTuple):
    """The secrets and persons of whom no trace must be found, and the accounts that were used."""

    secrets: list[Secret]
    used: list[str]


class Browser:
    """A browser without JavaScript, at one utility's site."""

    def __init__(self, portal: Tapped, host: str) -> None:
        headers = {**source(), "Host": host, "Sec-Fetch-Site": "same-origin"}
        self.client = httpx.Client(base_url=portal.site, headers=headers, timeout=120)
        self.page = self.client.get("/")

    def send(self, path: str, **form: str) -> httpx.Response:
        """This will send a form and go where it leads."""
        self.page = self.client.post(path, data=form)
        if self.page.status_code == 303:
            self.page = self.client.get(self.page.headers["location"])
        return self.page

    def hidden(self, *names: str) -> dict[str, str]:
        """What the page carries in these fields."""
        carried = {}
        for name in names:
            match = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.page.text)
            carried[name] = unescape(match[1]) if match else ""
        return carried


def live(portal: Tapped) -> Lived:
    """This will get a password and change it, redeem cards over the API and on the site, pay, and mistype whatever can be."""
    demo: dict[str, Any] = portal.demo | {"api": f"{portal.site}/api/v1"}
    utility = demo["utilities"][0]
    secrets = [Secret("key", text) for text in (*demo["keys"].values(), *portal.keys)]
    portal.forget()  # the demo asks Juice for its cards, which no utility's Juice would tell
    account = fresh(utility)
    secrets += _get_a_password(demo, utility, account)
    card, at_the_site, wrong = spare_cards(utility, 80)[:3]
    secrets += [Secret("code", each["code"]) for each in (card, at_the_site, wrong)]
    _redeem_over_the_api(demo, utility, card, wrong)
    _redeem_at_the_site(portal, utility, at_the_site, wrong)
    secrets.append(Secret("bank-card", CARD["number"]))
    buyer = _pay(demo)
    secrets.append(Secret("session", buyer.client.headers["Authorization"].removeprefix("Bearer ")))
    secrets.append(_log_in_at_the_site(portal, utility))
    operator = {"Authorization": f"Bearer {demo['keys']['operator']}"}
    httpx.get(f"{portal.site}/metrics", headers=operator).raise_for_status()
    return Lived(secrets, [account["number"]])


def _get_a_password(demo: dict[str, Any], utility: dict[str, Any], account: dict[str, Any]) -> list[Secret]:
    caller = Caller(demo)
    caller.confirm(account, EMAIL, PHONE)
    password = PASSWORD.search(caller.messages(EMAIL)[-1]["text"])[0]
    caller.post("/session", number=account["number"], password="not " + password)
    session = caller.post("/session", number=account["number"], password=password).json()["token"]
    caller.client.headers["Authorization"] = f"Bearer {session}"
    changed = caller.client.put("/me/password", json={"current": password, "chosen": OWN_PASSWORD})
    assert changed.status_code < 300, changed.text
    again = caller.post("/session", number=account["number"], password=OWN_PASSWORD).json()["token"]
    passwords = [password, password.replace("-", ""), OWN_PASSWORD]
    return [*(Secret("password", text) for text in passwords), Secret("session", session), Secret("session", again)]


def _redeem_over_the_api(demo: dict[str, Any], utility: dict[str, Any], card: dict[str, Any], wrong: dict[str, Any]) -> None:
    client = httpx.Client(base_url=demo["api"], headers=source(), timeout=120)
    body = {"serial": card["serial"], "code": card["code"], "number": sellable(utility)[9]}
    keyless = client.post("/redemptions", json=body)
    assert keyless.status_code == 400, keyless.text
    began = client.post("/redemptions", json=body, headers=_key()).raise_for_status().json()
    assert client.post("/cards/checks", json={"serial": card["serial"], "code": card["code"]}).status_code < 500
    for _ in range(200):
        if client.get(f"/redemptions/{began['status']}").json()["stage"] == "redeemed":
            break
    for bad in ({}, {"number": "no such meter"}, {"also": card["code"]}, {"serial": wrong["serial"]}, {"code": wrong["code"]}):
        refused = client.post("/redemptions", json=body | bad, headers=_key() | source())
        assert refused.status_code in (404, 409, 422, 429), refused.text


def _redeem_at_the_site(portal: Tapped, utility: dict[str, Any], card: dict[str, Any], wrong: dict[str, Any]) -> None:
    browser = Browser(portal, utility["host"])
    form = {"serial": card["serial"], "number": sellable(utility)[8], "idempotency_key": uuid.uuid4().hex, "do": "redeem"}
    browser.send("/redeem", **form | {"code": wrong["code"]})
    assert "kept_code" not in browser.page.text
    browser.send("/redeem", **form | {"code": card["code"], "number": "99999999"})
    browser.send("/redeem", **form | browser.hidden("kept_code"))
    assert browser.page.status_code == 200, browser.page.text
    browser.send("/redeem", **form | browser.hidden("kept_code", "offered", "meant"))
    assert str(browser.page.url.path).startswith("/redemptions/"), browser.page.text


def _log_in_at_the_site(portal: Tapped, utility: dict[str, Any]) -> Secret:
    browser = Browser(portal, utility["host"])
    account = next(each for each in utility["accounts"] if "password" in each)
    browser.send("/login", number=account["number"], password="not " + account["password"])
    browser.send("/login", number=account["number"], password=account["password"])
    assert browser.page.status_code == 200, browser.page.text
    return Secret("session", browser.client.cookies["seed"])


def _pay(demo: dict[str, Any]) -> Buyer:
    """Somebody pays, and types the card's number into whatever takes a number."""
    buyer = Buyer(demo)
    started = buyer.begin()
    buyer.pay(started)
    buyer.until(started, "captured")
    number = CARD["number"]
    wish = {"meter_id": buyer.meter["meter_id"], "amount": 2500}
    for body in (wish | {"card": number}, wish | {"meter_id": number}, wish | {"amount": number}, {"number": number}):
        assert buyer.client.post("/purchases", json=body, headers=_key()).status_code == 422
    asked = {"topic": "payment", "subject": "Charged twice?", "text": number}
    assert buyer.client.post("/me/requests", json=asked, headers=_key()).status_code == 422
    buyer.client.post("/identity/questions", json={"number": number})
    buyer.client.post("/session", json={"number": number, "password": number})
    buyer.client.post("/cards/checks", json={"serial": number, "code": number})
    return buyer


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}
