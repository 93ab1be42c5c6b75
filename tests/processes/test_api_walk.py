"""Coming in and redeeming a card through JSON, on the whole running portal, at both utilities (journeys 3, 4 and 12)."""

from __future__ import annotations

import re
import time
import uuid

from tests.processes.caller import LINK, PASSWORD, Caller, fresh
from tests.processes.people import sellable, spare_cards


class RedeemingWithoutALogin:
    def test_shows_the_amount_and_then_the_token(self, caller, stranger, utility):
        card = next(card for card in spare_cards(utility, 20) if card["amount"] == 10000)
        offer = caller.post("/cards/checks", serial=card["serial"], code=card["code"]).json()
        assert offer["amount"] == 10000
        assert stranger.post("/cards/checks", serial=card["serial"], code=card["code"]).status_code == 404
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
        assert stranger.client.get(f"/redemptions/{status}").status_code == 404

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
    def test_ends_at_a_number_that_is_nobodys_or_the_other_utilitys(self, caller, utility, other):
        for number in ("99999999", other["accounts"][0]["number"], other["accounts"][0]["meter"]):
            refused = caller.post("/identity/questions", number=number)
            assert (refused.status_code, list(refused.json()["errors"])) == (422, ["number"])
        assert caller.post("/identity/questions", number=utility["accounts"][0]["number"]).status_code == 200

    def test_sends_four_copies_and_opens_the_dashboard(self, caller, stranger, utility):
        account = fresh(utility)
        email, phone = f"{uuid.uuid4().hex[:10]}@new.example", "+27831112233"
        reply = caller.confirm(account, email, phone)
        assert reply.status_code == 202, reply.text
        passwords = set()
        for to in (email, phone, account["email"], account["phone"]):
            text = caller.messages(to)[-1]["text"]
            passwords |= set(PASSWORD.findall(text))
        assert len(passwords) == 1
        (password,) = passwords
        assert stranger.post("/session", number=account["number"], password=password).status_code == 401
        caller.log_in(account, password)
        me = caller.client.get("/me")
        assert me.status_code == 200
        assert me.json()["number"] == account["number"]
        stranger.client.headers["Authorization"] = caller.client.headers["Authorization"]
        assert stranger.client.get("/me").status_code == 401
        assert caller.client.delete("/session").status_code == 204
        assert caller.client.get("/me").status_code == 401

    def test_can_be_taken_back_by_the_registered_contacts_link(self, caller, stranger, utility):
        account = fresh(utility)
        email = f"{uuid.uuid4().hex[:10]}@stranger.example"
        caller.confirm(account, email, "+27831112244")
        password = PASSWORD.search(caller.messages(email)[-1]["text"])[0]
        caller.log_in(account, password)
        assert caller.client.get("/me").status_code == 200
        links = dict(LINK.findall(caller.messages(account["email"])[-1]["text"]))
        assert stranger.post("/links/undo", link=links["undo"]).status_code == 410
        owner = Caller(caller.demo, utility)
        assert owner.post("/links/undo", link=links["undo"]).status_code == 200
        assert caller.client.get("/me").status_code == 401
        again = Caller(caller.demo, utility).post("/session", number=account["number"], password=password)
        assert again.status_code == 401

    def test_lets_a_new_contact_be_confirmed_by_its_own_link(self, caller, stranger, utility):
        account = fresh(utility)
        email = f"{uuid.uuid4().hex[:10]}@new.example"
        caller.confirm(account, email, "+27831112255")
        links = dict(LINK.findall(caller.messages(email)[-1]["text"]))
        assert stranger.post("/links/confirmations", link=links["confirm"]).status_code == 410
        assert caller.post("/links/confirmations", link=links["confirm"]).status_code == 200

    def test_goes_on_by_a_link_after_two_wrong_picks(self, caller, utility):
        account = fresh(utility)
        question = caller.post("/identity/questions", number=account["number"]).json()
        wrong = [choice["value"] for choice in question["choices"] if choice["label"] != account["address"]][:2]
        contacts = {"email": f"{uuid.uuid4().hex[:10]}@new.example", "phone": "+27831112266"}
        given = {"account_ticket": question["account_ticket"], **contacts}
        for choice in wrong:
            assert caller.post("/identity/confirmations", **given, choice=choice).status_code == 403
        again = caller.post("/identity/questions", number=account["number"]).json()
        assert not again["address_suffices"]
        assert caller.post("/identity/links", account_ticket=again["account_ticket"]).status_code == 202
        links = dict(LINK.findall(caller.messages(account["email"])[-1]["text"]))
        continued = caller.post("/identity/continuations", link=links["continue"], **contacts)
        assert continued.status_code == 202
        assert PASSWORD.search(caller.messages(contacts["email"])[-1]["text"])
