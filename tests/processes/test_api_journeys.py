"""The other journeys through JSON, on the whole running portal, at both utilities, each with a stranger of the other one who
asks for the same. Coming in and redeeming a card are in `test_api_walk`."""

from __future__ import annotations

import re
import time
import uuid

import httpx
import pytest

from tests.faults import faults
from tests.processes.caller import PASSWORD, Caller, fresh
from tests.processes.newly_told import tell_of_account
from tests.processes.people import spare_cards

CARD = {"number": "4242424242424242", "expiry": "12 / 40", "cvc": "123", "name": "A. Payer"}


def until(ask, ready, seconds=120):
    """This will ask until what is told is ready, and give it."""
    deadline = time.monotonic() + seconds
    while True:
        told = ask()
        if ready(told):
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.1)


def login(utility, place=0):
    """An account with a password, an STS meter, and debts where it is the second one."""
    return [a for a in utility["accounts"] if a["meter_kind"] == "STS" and "password" in a][place]


def eager(utility):
    """The account without quiet hours, so that what is written to it is written at once."""
    return next(account for account in utility["accounts"] if account["buys_little"])


def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def with_key(demo, utility, role):
    """A program of the utility's, with the key of a role."""
    program = Caller(demo, utility)
    program.client.headers["Authorization"] = f"Bearer {demo['keys'][role]}"
    return program


@pytest.fixture
def customer(caller, utility):
    return caller.log_in(login(utility))


@pytest.fixture
def neighbour(stranger, other):
    """A customer of the other utility who is logged in there."""
    return stranger.log_in(login(other))


@pytest.fixture
def impostor(running_portal, customer, other):
    """The customer's own session, at the other utility."""
    there = Caller(running_portal.demo, other)
    there.client.headers["Authorization"] = customer.client.headers["Authorization"]
    return there


class AVisitor:
    def test_is_told_whose_portal_this_is(self, caller, stranger, utility, other):
        for somebody, expected in ((caller, utility), (stranger, other)):
            assert somebody.client.get("/utility").json()["code"] == expected["code"]

    def test_reads_the_page_that_staff_of_this_utility_published(self, caller, stranger, utility):
        staff = with_key(caller.demo, utility, "staff")
        source = f"# Offices\n\n{uuid.uuid4()}"
        assert caller.post("/info/previews", source=source).status_code == 401
        assert "<h2>Offices</h2>" in staff.post("/info/previews", source=source).json()["html"]
        for text in (source, ""):
            edition = caller.client.get("/info").json()["edition"]
            body = {"language": "en", "source": text, "based_on": edition}
            assert staff.client.put("/info", json=body).status_code == 200
            until(lambda text=text: caller.client.get("/info").json()["source"], lambda told, text=text: told == text)
            assert stranger.client.get("/info").json()["source"] != source


class ANewAccount:
    def test_opens_with_no_password_until_one_was_sent(self, running_portal, caller, stranger, utility):
        account = tell_of_account(running_portal, utility["code"])
        asked = {"number": account["number"]}
        until(lambda: caller.client.post("/identity/questions", json=asked).status_code, lambda status: status == 200)
        assert stranger.client.post("/identity/questions", json=asked).status_code == 422
        assert caller.post("/session", number=account["number"], password=account["number"]).status_code == 401
        email = f"{uuid.uuid4().hex[:10]}@new.example"
        assert caller.confirm(account, email, "+27831113344").status_code == 202
        caller.log_in(account, PASSWORD.search(caller.messages(email)[-1]["text"])[0])
        assert caller.client.get("/me").json()["name"] == account["name"]


class ACustomer:
    def test_logs_in_at_their_own_utility_and_out(self, customer, stranger, impostor, utility):
        account = login(utility)
        assert stranger.post("/session", number=account["number"], password=account["password"]).status_code == 401
        assert impostor.client.get("/me").status_code == 401
        assert customer.client.get("/me").json()["number"] == account["number"]
        assert customer.client.delete("/session").status_code == 204
        assert customer.client.get("/me").status_code == 401

    def test_reads_contacts_wallet_arrears_usage_and_activity(self, caller, neighbour, utility):
        account = login(utility, 1)
        caller.log_in(account)
        me = caller.client.get("/me").json()
        assert (me["number"], me["address"]) == (account["number"], account["address"])
        assert me["contacts"] and me["wallet"]["currency"] and me["usage"][0]["days"] and me["activity"]
        owed = caller.client.get("/me/arrears").json()
        assert owed["total"] == me["arrears_total"] == sum(each["balance"] for each in owed["items"]) > 0
        assert caller.client.get("/me/usage/months").json()["meters"][0]["number"] in {m["number"] for m in account["meters"]}
        newest = caller.client.get("/me/activity").json()["items"][0]["juice_number"]
        assert caller.client.get(f"/me/receipts/{newest}").json()["juice_number"] == newest
        assert neighbour.client.get(f"/me/receipts/{newest}").status_code == 404
        assert account["number"] not in neighbour.client.get("/me").text

    def test_edits_contacts_and_clock(self, caller, stranger, neighbour, utility):
        account = fresh(utility)
        email = f"{uuid.uuid4().hex[:10]}@new.example"
        caller.confirm(account, email, "+27831113355")
        caller.log_in(account, PASSWORD.search(caller.messages(email)[-1]["text"])[0])
        second = f"{uuid.uuid4().hex[:10]}@second.example"
        added = caller.client.post("/me/contacts", json={"email": second}).json()["contact_id"]
        letter = until(lambda: caller.messages(second), lambda told: "/confirm/" in told[-1]["text"])[-1]["text"]
        confirm = re.search(r"/confirm/([\w=-]+)", letter)[1]
        assert stranger.post("/links/confirmations", link=confirm).status_code == 410
        assert caller.post("/links/confirmations", link=confirm).status_code == 200
        assert "was added to your account" in " ".join(" ".join(m["text"].split()) for m in caller.messages(account["email"], 2))
        assert neighbour.client.delete(f"/me/contacts/{added}").status_code == 404
        clock = {"pace": "least", "quiet_from": "20:15", "quiet_until": "06:30"}
        assert caller.client.put("/me/clock", json=clock).status_code == 200
        told = caller.client.get("/me/clock").json()
        assert {name: told[name] for name in clock} == clock
        assert caller.client.delete(f"/me/contacts/{added}").status_code == 200
        assert second not in {each["value"] for each in caller.client.get("/me/contacts").json()["contacts"]}

    def test_changes_the_password(self, caller, stranger, utility):
        account, chosen = fresh(utility), "twelve purple giraffes"
        email = f"{uuid.uuid4().hex[:10]}@new.example"
        caller.confirm(account, email, "+27831113366")
        issued = PASSWORD.search(caller.messages(email)[-1]["text"])[0]
        caller.log_in(account, issued)
        assert caller.client.put("/me/password", json={"current": issued, "chosen": "seven77"}).status_code == 422
        changed = caller.client.put("/me/password", json={"current": issued, "chosen": chosen})
        assert changed.status_code == 200
        assert caller.client.get("/me").status_code == 401
        caller.client.headers["Authorization"] = f"Bearer {changed.json()['token']}"
        assert caller.client.get("/me").status_code == 200
        assert stranger.post("/session", number=account["number"], password=chosen).status_code == 401
        assert Caller(caller.demo, utility).post("/session", number=account["number"], password=issued).status_code == 401
        Caller(caller.demo, utility).log_in(account, chosen)

    def test_submits_a_request_that_staff_answers_closes_and_it_is_opened_again(self, caller, neighbour, utility, other):
        caller.log_in(eager(utility))
        asked = {"topic": "meter", "subject": "The display is dark", "text": "Since this morning."}
        reference = caller.client.post("/me/requests", json=asked, headers=key()).json()["reference"]
        mine, desks = f"/me/requests/{reference}", f"/requests/{reference}"
        until(lambda: caller.client.get(mine).status_code, lambda status: status == 200)
        staff, others = with_key(caller.demo, utility, "staff"), with_key(caller.demo, other, "staff")
        assert neighbour.client.get(mine).status_code == 404 and others.client.get(desks).status_code == 404
        assert neighbour.client.post(f"{mine}/comments", json={"text": "Mine!"}, headers=key()).status_code == 404
        closed = staff.client.post(f"{desks}/closure", json={"comment": "The fuse was changed."}, headers=key())
        assert closed.status_code in (200, 201), closed.text
        told = until(lambda: caller.client.get(mine).json(), lambda told: told["request"]["is_closed"])
        assert told["said"][-1]["text"] == "The fuse was changed." and told["may_reopen"]
        again = caller.client.post(f"{mine}/reopening", json={"text": "It is dark again."}, headers=key())
        assert again.status_code in (200, 201), again.text
        until(lambda: caller.client.get(mine).json(), lambda told: not told["request"]["is_closed"])
        assert reference not in others.client.get("/requests").text

    @pytest.mark.parametrize("lost", [False, True], ids=["at once", "though Juice's answer is lost"])
    def test_buys_power_with_a_credit_card_is_charged_once_and_finds_the_token(self, caller, neighbour, utility, lost):
        account = login(utility, 1)
        caller.log_in(account)
        meter = next(m for m in caller.client.get("/me").json()["meters"] if m["number"] == account["meter"])["meter_id"]
        wish = {"meter_id": meter, "amount": 2000 if utility["code"] == "harbour" else 20_000}
        preview = caller.client.post("/purchases/previews", json=wish).json()
        assert sum(line["amount"] for line in preview["lines"]) == wish["amount"] and preview["arrears"] > 0
        assert neighbour.client.post("/purchases", json=wish, headers=key()).status_code == 404
        started = caller.client.post("/purchases", json=wish, headers=key()).json()
        purchase = f"/purchases/{started['status']}"
        orders = [{"kind": "lose-reply", "times": 1, "path": "/vends"}, {"kind": "unavailable", "times": 500, "path": "/advices"}]
        with faults(caller.demo["juice"], *(orders if lost else ())):
            assert httpx.post(started["pay_at"], data=CARD, timeout=120).status_code == 303
            if lost:
                until(lambda: caller.client.get(purchase).json(), lambda told: told["stage"] == "in-doubt")
            assert neighbour.client.get(purchase).status_code == 404
        told = until(lambda: caller.client.get(purchase).json(), lambda told: told["stage"] == "captured")
        (credit,) = [token for token in told["receipt"]["tokens"] if token["kind"] == "credit"]
        payments = httpx.get(f"{caller.demo['credit_cards']}/__payments", timeout=120).json()["payments"]
        assert [p["captured"] for p in payments if p["metadata"].get("purchase_id") == started["purchase_id"]] == [1]

        def shelf():
            return [t for each in caller.client.get("/me/tokens").json()["items"] for t in each["tokens"]]

        tokens = until(shelf, lambda tokens: credit["digits"] in {token["digits"] for token in tokens})
        token = next(token for token in tokens if token["digits"] == credit["digits"])["token_id"]
        assert credit["digits"] not in neighbour.client.get("/me/tokens").text
        assert neighbour.client.put(f"/me/tokens/{token}/entered").status_code == 404
        assert caller.client.put(f"/me/tokens/{token}/entered").status_code == 200
        until(lambda: next(t for t in shelf() if t["token_id"] == token)["state"], lambda state: state == "entered")
        to = caller.client.get("/me/tokens").json()["contacts"][0]
        assert caller.client.post(f"/me/tokens/{token}/messages", json={"contact_id": to["contact_id"]}).status_code == 202

    def test_lets_more_of_each_purchase_go_to_a_debt(self, caller, neighbour, utility):
        caller.log_in(login(utility, 1))

        def debts():
            return {each["debt_id"]: each for each in caller.client.get("/me/arrears/shares").json()["items"]}

        debt = next(each for each in debts().values() if each["can_change"])
        # Another one each time that the test is run: a share that is in force already is nothing to choose.
        share = next(each for each in (debt["least"] + 8, debt["least"] + 14) if each != debt["share"])
        wish = {"debt_id": debt["debt_id"], "share": share}
        assert debt["debt_id"] not in {each["debt_id"] for each in neighbour.client.get("/me/arrears/shares").json()["items"]}
        assert neighbour.client.put("/me/arrears/shares", json=wish, headers=key()).status_code == 422
        more = caller.client.put("/me/arrears/shares", json=wish | {"share": debt["most"] + 1}, headers=key())
        assert (more.status_code, list(more.json()["errors"])) == (422, ["share"])
        assert caller.client.put("/me/arrears/shares", json=wish, headers=key()).status_code == 202
        told = until(lambda: debts()[debt["debt_id"]], lambda told: (told["last_choice"] or {}).get("stage") == "confirmed")
        assert told["share"] == told["last_choice"]["share"] == share

    def test_tells_of_a_damaged_card_that_staff_checks_with_juice_and_settles(self, caller, neighbour, utility, other):
        caller.log_in(eager(utility))
        card = spare_cards(utility, 60)[0]
        told = {"serial": card["serial"], "damage": "code-gone", "text": "It was washed."}
        reference = caller.client.post("/me/damaged-cards", json=told, headers=key()).json()["reference"]
        mine, desks = f"/me/requests/{reference}", f"/requests/{reference}"
        until(lambda: caller.client.get(mine).status_code, lambda status: status == 200)
        staff, others = with_key(caller.demo, utility, "staff").client, with_key(caller.demo, other, "staff").client
        assert neighbour.client.get(mine).status_code == 404
        assert others.post(f"{desks}/card-checks").status_code == 404
        assert caller.client.post(f"{desks}/card-checks").status_code == 403
        checked = staff.post(f"{desks}/card-checks")
        assert (checked.status_code, checked.json()["standing"]) == (200, "activated"), checked.text
        closed = staff.post(f"{desks}/closure", json={"comment": "It lies at our office.", "outcome": "replaced"}, headers=key())
        assert closed.status_code in (200, 201), closed.text
        seen = until(lambda: caller.client.get(mine).json(), lambda seen: seen["request"]["is_closed"])
        assert (seen["card"]["serial"], seen["card"]["outcome"]) == (card["serial"], "replaced")


class AnAuditor:
    def test_replays_an_accounts_history_and_what_it_had_come_to(self, caller, utility, other):
        number = utility["accounts"][0]["number"]
        auditor, others = with_key(caller.demo, utility, "auditor"), with_key(caller.demo, other, "auditor")
        told = auditor.client.get(f"/accounts/{number}/history", params={"case": "AUDIT-2026/17"})
        assert told.status_code == 200
        first = told.json()["events"][0]
        assert first["topic"] == "account-opened"
        then = auditor.client.get(f"/accounts/{number}/state", params={"until": first["position"]}).json()
        assert [each["version"] for each in then["aggregates"]] == [1]
        for path in ("history", "state"):
            assert others.client.get(f"/accounts/{number}/{path}").status_code == 404

    def test_is_the_only_one_who_may(self, caller, utility):
        number = utility["accounts"][0]["number"]
        for role in ("staff", "analyst"):
            assert with_key(caller.demo, utility, role).client.get(f"/accounts/{number}/history").status_code == 403
        assert caller.client.get(f"/accounts/{number}/history").status_code == 401


class AnAnalyst:
    def test_asks_for_the_figures_of_one_utility(self, caller, utility, other):
        analyst, others = with_key(caller.demo, utility, "analyst"), with_key(caller.demo, other, "analyst")
        for analysis in ("sales", "arrears-ageing", "recovery", "redemptions", "tickets"):
            assert analyst.client.get(f"/analyses/{analysis}").status_code == 200
            assert analyst.client.get(f"/analyses/{analysis}.csv").headers["content-type"].startswith("text/csv")
        own, theirs = (who.client.get("/analyses/sales").json() for who in (analyst, others))
        assert own != theirs
        assert with_key(caller.demo, utility, "staff").client.get("/analyses/sales").status_code == 403
