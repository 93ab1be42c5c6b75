"""The stand-in's interface as Stripe's clients meet it: who is let in, what is refused, and what is answered twice."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.cards_standin import CardsStandin, WebhookSite

ORDER = {
    "mode": "payment",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "zar",
    "line_items[0][price_data][unit_amount]": "25000",
    "line_items[0][price_data][product_data][name]": "Electricity",
    "payment_intent_data[capture_method]": "manual",
    "success_url": "http://127.0.0.1:9/bought",
    "cancel_url": "http://127.0.0.1:9/buy",
}


def post(standin: CardsStandin, path: str, given: dict[str, str] | None = None, **headers: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {standin.key()}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(standin.base_url + path, data=given or {}, headers=headers, timeout=120)


def opened(standin: CardsStandin, given: dict[str, str] | None = None, **headers: str) -> httpx.Response:
    return post(standin, "/v1/checkout/sessions", ORDER | (given or {}), **headers)


def error(reply: httpx.Response) -> dict[str, Any]:
    told: dict[str, Any] = reply.json()["error"]
    return told


class AClient:
    @pytest.mark.parametrize("shown", ["", "Bearer sk_test_wrong", "Basic x", "Bearer"])
    def test_without_the_right_key_is_not_let_in(self, cards_standin: CardsStandin, shown: str) -> None:
        reply = opened(cards_standin, Authorization=shown)
        assert reply.status_code == 401 and error(reply)["type"] == "invalid_request_error"

    def test_that_came_by_another_name_is_not_let_in(self, cards_standin: CardsStandin) -> None:
        assert opened(cards_standin, Host="stripe.example").status_code == 403

    @pytest.mark.parametrize(
        ("change", "param"),
        [
            ({"mode": "subscription"}, "mode"),
            ({"color": "red"}, "color"),
            ({"line_items[0][price_data][unit_amount]": "2.5"}, "unit_amount"),
            ({"line_items[0][price_data][currency]": "ZAR"}, "line_items[0][price_data][currency]"),
            ({"line_items[0][quantity]": "2"}, "line_items[0][quantity]"),
            ({"success_url": "javascript:alert(1)"}, "success_url"),
            ({"expires_at": "5"}, "expires_at"),
            ({"payment_intent_data[capture_method]": "automatic"}, "payment_intent_data[capture_method]"),
        ],
    )
    def test_is_told_which_parameter_cannot_be_meant(
        self, cards_standin: CardsStandin, change: dict[str, str], param: str
    ) -> None:
        reply = opened(cards_standin, change)
        assert (reply.status_code, error(reply)["param"]) == (400, param)

    @pytest.mark.parametrize("body", [b"\xff=1", b"a[[=1", b"a=1&a[b]=2", b"[" * 50, b"&".join([b"a=1"] * 500)])
    def test_that_talks_nonsense_is_refused(self, cards_standin: CardsStandin, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {cards_standin.key()}"}
        reply = httpx.post(f"{cards_standin.base_url}/v1/checkout/sessions", content=body, headers=headers, timeout=120)
        assert reply.status_code == 400 and error(reply)["type"] == "invalid_request_error"

    def test_finds_nothing_where_nothing_is(self, cards_standin: CardsStandin) -> None:
        for path in ("/v1/customers", "/v1/payment_intents/pi_1/confirm", "/nothing"):
            assert post(cards_standin, path).status_code == 404


class AnIdempotencyKey:
    def test_gets_the_same_reply_again_to_the_letter(self, cards_standin: CardsStandin) -> None:
        key = str(uuid4())
        first, again = (opened(cards_standin, Idempotency_Key=key) for _ in range(2))
        assert first.content == again.content
        assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")

    def test_with_other_parameters_is_refused(self, cards_standin: CardsStandin) -> None:
        key = str(uuid4())
        opened(cards_standin, Idempotency_Key=key)
        reply = opened(cards_standin, {"locale": "fr"}, Idempotency_Key=key)
        assert (reply.status_code, error(reply)["type"]) == (400, "idempotency_error")

    def test_is_not_used_up_by_parameters_that_cannot_be_meant(self, cards_standin: CardsStandin) -> None:
        key = str(uuid4())
        assert opened(cards_standin, {"mode": "odd"}, Idempotency_Key=key).status_code == 400
        assert opened(cards_standin, Idempotency_Key=key).status_code == 200

    def test_belongs_to_its_account(self, cards_standin: CardsStandin) -> None:
        key = str(uuid4())
        other = opened(cards_standin, Idempotency_Key=key, Authorization=f"Bearer {cards_standin.key('green')}")
        assert other.json()["id"] != opened(cards_standin, Idempotency_Key=key).json()["id"]

    def test_that_is_under_way_is_a_conflict(self, cards_standin: CardsStandin) -> None:
        cards_standin.faults("delay", on="open", seconds=2)
        key, replies = str(uuid4()), list[httpx.Response]()
        late = threading.Thread(target=lambda: replies.append(opened(cards_standin, Idempotency_Key=key)))
        late.start()
        while cards_standin_has_faults(cards_standin):
            pass
        conflict = opened(cards_standin, Idempotency_Key=key)
        late.join()
        assert (conflict.status_code, error(conflict)["code"]) == (409, "idempotency_key_in_use")
        assert replies[0].status_code == 200 and opened(cards_standin, Idempotency_Key=key).content == replies[0].content


class AnOrderForAFault:
    @pytest.mark.parametrize(
        ("wanted", "field"),
        [
            ({"kind": "steal"}, "kind"),
            ({"kind": "delay", "times": 0}, "times"),
            ({"kind": "delay", "seconds": -1}, "seconds"),
            ({"kind": "delay", "on": "everything"}, "on"),
            ({"kind": "delay", "where": "here"}, "where"),
        ],
    )
    def test_that_cannot_be_meant_names_its_field(self, cards_standin: CardsStandin, wanted: dict[str, Any], field: str) -> None:
        reply = httpx.post(f"{cards_standin.base_url}/__faults", json=wanted)
        assert (reply.status_code, error(reply)["param"]) == (422, field)

    def test_is_not_taken_from_a_form_on_somebodys_page(self, cards_standin: CardsStandin) -> None:
        reply = httpx.post(f"{cards_standin.base_url}/__faults", data={"kind": "delay"})
        assert reply.status_code == 415


def cards_standin_has_faults(standin: CardsStandin) -> bool:
    return bool(httpx.get(f"{standin.base_url}/__faults").json()["faults"])


class MoneyThatGoesBack:
    def captured(self, standin: CardsStandin) -> str:
        session = opened(standin).json()
        standin.pay(session["url"])
        headers = {"Authorization": f"Bearer {standin.key()}"}
        paid = httpx.get(f"{standin.base_url}/v1/checkout/sessions/{session['id']}", headers=headers).json()
        return str(post(standin, f"/v1/payment_intents/{paid['payment_intent']}/capture").json()["id"])

    def test_is_told_of_by_webhooks(self, cards_standin: CardsStandin, webhook_site: WebhookSite) -> None:
        payment = self.captured(cards_standin)
        cards_standin.refund(payment, 1000)
        cards_standin.dispute(payment)
        cards_standin.dispute(payment, status="won")
        told = [document["type"] for document, _, _ in webhook_site.wait_for(6, about=payment)]
        assert told[-3:] == ["charge.refunded", "charge.dispute.created", "charge.dispute.closed"]

    def test_stands_in_what_became_of_the_payment(self, cards_standin: CardsStandin) -> None:
        payment = self.captured(cards_standin)
        cards_standin.refund(payment)
        cards_standin.dispute(payment)
        (found,) = [each for each in cards_standin.payments() if each["id"] == payment]
        assert (found["captured"], found["released"], found["refunded"], found["disputed"]) == (1, 0, 25000, True)

    @pytest.mark.parametrize(
        ("where", "change", "param"),
        [
            ("refunds", {"payment": "pi_none"}, "payment"),
            ("refunds", {"payment": 7}, "payment"),
            ("refunds", {"amount": 25001}, "amount"),
            ("refunds", {"amount": 0}, "amount"),
            ("refunds", {"amount": "1000"}, "amount"),
            ("refunds", {"fails": "yes"}, "fails"),
            ("refunds", {"status": "won"}, "status"),
            ("disputes", {"payment": "pi_none"}, "payment"),
            ("disputes", {"amount": 25001}, "amount"),
            ("disputes", {"status": "odd"}, "status"),
            ("disputes", {"status": ["won"]}, "status"),
        ],
    )
    def test_is_refused_with_the_field_that_cannot_be_meant(
        self, cards_standin: CardsStandin, where: str, change: dict[str, object], param: str
    ) -> None:
        wanted = {"payment": self.captured(cards_standin)} | change
        reply = httpx.post(f"{cards_standin.base_url}/__{where}", json=wanted)
        assert (reply.status_code, error(reply)["param"]) == (422, param)

    def test_is_not_what_was_never_taken(self, cards_standin: CardsStandin) -> None:
        session = opened(cards_standin).json()
        cards_standin.pay(session["url"])
        held = cards_standin.payments()[-1]["id"]
        for where in ("refunds", "disputes"):
            assert httpx.post(f"{cards_standin.base_url}/__{where}", json={"payment": held}).status_code == 422
