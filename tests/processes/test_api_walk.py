"""The four things a person does, through JSON, on the whole running portal."""

from __future__ import annotations

import re
import time
import uuid

import httpx
import pytest

from tests.processes.people import is_low_balance, sellable, source, spare_cards

PASSWORD = re.compile(r"[0-9a-z]{4}(?:-[0-9a-z]{4}){6}")
LINK = re.compile(r"https?://\S+?/(undo|confirm|continue)/([\w=-]+)")


class Caller:
    """One person with a client of their own, from an address of their own."""

    def __init__(self, demo):
        self.demo = demo
        self.client = httpx.Client(base_url=demo["api"], headers=source(), timeout=30)

    def post(self, path, **body):
        return self.client.post(path, json=body)

    def messages(self, to, count=1, seconds=30, low=False):
        deadline = time.monotonic() + seconds
        while True:
            caught = httpx.get(f"{self.demo['inbox']}/api/messages", params={"to": to}).json()["messages"]
            found = [message for message in caught if is_low_balance(message) == low]
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"{count} messages to {to} did not come"
            time.sleep(0.1)

    def confirm(self, account, email, phone):
        """This will confirm identity by the registered address."""
        question = self.post("/identity/questions", number=account["number"]).json()
        assert len(question["choices"]) == 10
        choice = next(choice["value"] for choice in question["choices"] if choice["label"] == account["address"])
        return self.post(
            "/identity/confirmations", account_ticket=question["account_ticket"], email=email, phone=phone, choice=choice
        )


@pytest.fixture
def caller(running_portal):
    return Caller(running_portal.demo)


@pytest.fixture
def utility(running_portal):
    return running_portal.demo["utilities"][0]


def fresh(utility, numbers=iter(range(-1, -60, -1))):  # noqa: B008 (one iterator for all tests: each takes an account of its own)
    return utility["accounts"][next(numbers)]


class RedeemingWithoutALogin:
    def test_shows_the_amount_and_then_the_token(self, caller, utility):
        card = next(card for card in spare_cards(utility, 20) if card["amount"] == 10000)
        offer = caller.post("/cards/checks", serial=card["serial"], code=card["code"]).json()
        assert offer["amount"] == 10000
        body = {"serial": card["serial"], "code": card["code"], "number": sellable(utility)[8]}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        replies = [caller.client.post("/redemptions", json=body, headers=headers) for _ in range(3)]
        assert [reply.status_code for reply in replies] == [202, 202, 202]
        assert len({reply.json()["redemption_id"] for reply in replies}) == 1
        status = replies[0].json()["status"]
        for _ in range(300):
            told = caller.client.get(f"/redemptions/{status}").json()
            if told["has_ended"]:
                break
            time.sleep(0.1)
        assert told["stage"] == "redeemed"
        assert re.fullmatch(r"\d{20}", told["receipt"]["tokens"][-1]["digits"])
        again = caller.client.post("/redemptions", json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
        assert again.status_code == 409

    def test_tells_a_wrong_code_and_a_wrong_serial_alike(self, caller, utility):
        card = spare_cards(utility, 40)[0]
        wrong = [
            caller.post("/cards/checks", serial=card["serial"], code="WRONGWRONG12"),
            caller.post("/cards/checks", serial="99999999", code=card["code"]),
        ]
        assert {reply.status_code for reply in wrong} == {404}
        bodies = [{name: value for name, value in reply.json().items() if name != "request_id"} for reply in wrong]
        assert bodies[0] == bodies[1]


class GettingAPassword:
    def test_sends_four_copies_and_opens_the_dashboard(self, caller, utility):
        account = fresh(utility)
        email, phone = f"{uuid.uuid4().hex[:10]}@new.example", "+27831112233"
        reply = caller.confirm(account, email, phone)
        assert reply.status_code == 202, reply.text
        passwords = set()
        for to in (email, phone, account["email"], account["phone"]):
            text = caller.messages(to)[-1]["text"]
            passwords |= set(PASSWORD.findall(text))
        assert len(passwords) == 1
        session = caller.post("/session", number=account["number"], password=passwords.pop())
        assert session.status_code == 201
        caller.client.headers["Authorization"] = f"Bearer {session.json()['token']}"
        me = caller.client.get("/me")
        assert me.status_code == 200
        assert me.json()["number"] == account["number"]
        assert caller.client.delete("/session").status_code == 204
        assert caller.client.get("/me").status_code == 401

    def test_can_be_taken_back_by_the_registered_contacts_link(self, caller, utility):
        account = fresh(utility)
        email = f"{uuid.uuid4().hex[:10]}@stranger.example"
        caller.confirm(account, email, "+27831112244")
        password = PASSWORD.search(caller.messages(email)[-1]["text"])[0]
        session = caller.post("/session", number=account["number"], password=password).json()
        caller.client.headers["Authorization"] = f"Bearer {session['token']}"
        assert caller.client.get("/me").status_code == 200
        links = dict(LINK.findall(caller.messages(account["email"])[-1]["text"]))
        owner = Caller(caller.demo)
        assert owner.post("/links/undo", link=links["undo"]).status_code == 200
        assert caller.client.get("/me").status_code == 401
        again = Caller(caller.demo).post("/session", number=account["number"], password=password)
        assert again.status_code == 401

    def test_lets_a_new_contact_be_confirmed_by_its_own_link(self, caller, utility):
        account = fresh(utility)
        email = f"{uuid.uuid4().hex[:10]}@new.example"
        caller.confirm(account, email, "+27831112255")
        links = dict(LINK.findall(caller.messages(email)[-1]["text"]))
        assert caller.post("/links/confirmations", link=links["confirm"]).status_code == 200

    def test_goes_on_by_a_link_after_two_wrong_picks(self, caller, utility):
        account = fresh(utility)
        question = caller.post("/identity/questions", number=account["number"]).json()
        wrong = [choice["value"] for choice in question["choices"] if choice["label"] != account["address"]][:2]
        given = {"account_ticket": question["account_ticket"], "email": "me@new.example", "phone": "+27831112266"}
        for choice in wrong:
            assert caller.post("/identity/confirmations", **given, choice=choice).status_code == 403
        again = caller.post("/identity/questions", number=account["number"]).json()
        assert not again["address_suffices"]
        assert caller.post("/identity/links", account_ticket=again["account_ticket"]).status_code == 202
        links = dict(LINK.findall(caller.messages(account["email"])[-1]["text"]))
        continued = caller.post("/identity/continuations", link=links["continue"], email="me@new.example", phone="+27831112266")
        assert continued.status_code == 202
        assert PASSWORD.search(caller.messages("me@new.example")[-1]["text"])


class AnAuditor:
    def test_replays_an_accounts_history(self, caller, utility):
        account = utility["accounts"][0]
        headers = {"Authorization": f"Bearer {caller.demo['keys']['auditor']}"}
        told = caller.client.get(f"/accounts/{account['number']}/history", headers=headers)
        assert told.status_code == 200
        assert told.json()["events"][0]["topic"] == "account-opened"

    def test_is_the_only_one_who_may(self, caller, utility):
        account = utility["accounts"][0]
        for role in ("staff", "analyst"):
            headers = {"Authorization": f"Bearer {caller.demo['keys'][role]}"}
            assert caller.client.get(f"/accounts/{account['number']}/history", headers=headers).status_code == 403
        assert caller.client.get(f"/accounts/{account['number']}/history").status_code == 401


class TheSecondUtility:
    def test_answers_under_its_own_host_and_knows_none_of_the_firsts_accounts(self, caller):
        first, second = caller.demo["utilities"][:2]
        elsewhere = {"Host": second["host"]}
        assert caller.client.get("/utility", headers=elsewhere).json()["code"] == second["code"]
        asked = caller.client.post("/identity/questions", json={"number": first["accounts"][0]["number"]}, headers=elsewhere)
        assert asked.status_code in (404, 422)
        login = {"number": first["accounts"][0]["number"], "password": first["accounts"][0]["password"]}
        assert caller.client.post("/session", json=login, headers=elsewhere).status_code == 401
        session = caller.post("/session", **login).json()["token"]
        there = caller.client.get("/me", headers={**elsewhere, "Authorization": f"Bearer {session}"})
        assert there.status_code == 401
