"""What the adapter asks of Stripe, and what it makes of every way in which an exchange can go wrong."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from tests.cards_standin import ROOT, order
from vending.card_provider import (
    AmountTooLarge,
    AmountTooSmall,
    CaptureDeclined,
    NoSuchPayment,
    Order,
    Payment,
    PaymentNotCapturable,
    PaymentNotReleasable,
    ProviderRefused,
    ProviderSilent,
    ProviderUnreachable,
)
from vending.card_provider_stripe import StripeCards
from vending.stripe_objects import EventTold, event_of, read

KEY, SECRET, PAYMENT = "sk_test_thekey", "whsec_thesecret", "pi_3ABC"
INTENT: dict[str, Any] = {
    "id": PAYMENT,
    "object": "payment_intent",
    "amount": 25000,
    "amount_received": 25000,
    "created": 1_760_000_000,
    "currency": "zar",
    "latest_charge": {
        "id": "ch_3ABC",
        "object": "charge",
        "amount": 25000,
        "amount_captured": 25000,
        "amount_refunded": 0,
        "disputed": False,
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242", "capture_before": None}},
    },
    "metadata": {"utility": "blue", "purchase_id": "0192d3f4-0000-7000-8000-000000000001"},
    "status": "succeeded",
}

Answer = Callable[[httpx.Request], httpx.Response]


def stripe_cards(answer: Answer, timeout_s: float = 10) -> StripeCards:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return StripeCards("blue", KEY, SECRET, client=client, timeout_s=timeout_s)


async def captured_with(answer: Answer) -> Payment:
    return await stripe_cards(answer).capture(PAYMENT)


def always(status: int, body: object) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda request: httpx.Response(status, content=content)


def refused(status: int, code: str | None, **more: Any) -> Answer:
    error = {"type": "invalid_request_error", "message": f"{PAYMENT} {KEY}", **({"code": code} if code else {}), **more}
    return always(status, {"error": error})


def failing(error: type[httpx.TransportError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error(f"{request.url} {KEY} {PAYMENT}")

    return answer


async def asked(wanted: Order) -> httpx.Request:
    """The request for a checkout."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise httpx.ConnectError("enough")

    with pytest.raises(ProviderUnreachable):
        await stripe_cards(answer).open_checkout(wanted)
    (request,) = seen
    return request


class ACheckoutsRequest:
    async def test_authorises_a_card_and_nothing_else_for_the_whole_amount(self) -> None:
        wanted = order(language="fr")
        request = await asked(wanted)
        given = {name: value[0] for name, value in parse_qs(request.content.decode()).items()}
        assert (request.method, str(request.url)) == ("POST", "https://api.stripe.com/v1/checkout/sessions")
        assert given == {
            "mode": "payment",
            "allowed_payment_method_types[0]": "card",
            "adaptive_pricing[enabled]": "false",
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "zar",
            "line_items[0][price_data][unit_amount]": "25000",
            "line_items[0][price_data][product_data][name]": wanted.description,
            "payment_intent_data[capture_method]": "manual",
            "payment_intent_data[description]": wanted.description,
            "payment_intent_data[metadata][utility]": "blue",
            "payment_intent_data[metadata][purchase_id]": str(wanted.purchase_id),
            "metadata[utility]": "blue",
            "metadata[purchase_id]": str(wanted.purchase_id),
            "client_reference_id": str(wanted.purchase_id),
            "success_url": wanted.success_url,
            "cancel_url": wanted.cancel_url,
            "locale": "fr",
            "expires_at": str(int(wanted.expires_at.timestamp())),
        }

    async def test_carries_the_key_that_stands_in_the_log_and_tells_nothing_of_this_machine(self) -> None:
        wanted = order()
        headers = (await asked(wanted)).headers
        assert headers["idempotency-key"] == str(wanted.key) and headers["authorization"] == f"Bearer {KEY}"
        assert headers["stripe-version"] and not [name for name in headers if name.startswith("x-")]
        assert "PythonBindings" not in headers["user-agent"]

    async def test_leaves_a_language_that_stripe_does_not_speak_to_the_browser(self) -> None:
        assert "locale=auto" in (await asked(order(language="sw"))).content.decode()


class AnExchange:
    @pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
    async def test_that_never_began_did_nothing(self, error: type[httpx.TransportError]) -> None:
        with pytest.raises(ProviderUnreachable):
            await captured_with(failing(error))

    @pytest.mark.parametrize(
        "error", [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError]
    )
    async def test_that_broke_off_tells_nothing(self, error: type[httpx.TransportError]) -> None:
        with pytest.raises(ProviderSilent):
            await captured_with(failing(error))

    async def test_is_never_repeated_by_the_adapter(self) -> None:
        count = 0

        def answer(request: httpx.Request) -> httpx.Response:
            nonlocal count
            count += 1
            return httpx.Response(503, json={"error": {"type": "api_error"}}, headers={"Stripe-Should-Retry": "true"})

        with pytest.raises(ProviderSilent):
            await captured_with(answer)
        assert count == 1

    async def test_that_drips_for_ever_is_given_up(self) -> None:
        async def answer(request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(60)
            return httpx.Response(200, json=INTENT)

        client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        with pytest.raises(ProviderSilent):
            await StripeCards("blue", KEY, SECRET, client=client, timeout_s=0.05).payment(PAYMENT)

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 302, 201, 409, 418])
    async def test_answered_by_no_status_of_the_wire_tells_nothing(self, status: int) -> None:
        for body in (INTENT, {"error": {"type": "api_error", "code": "lock"}}):
            with pytest.raises(ProviderSilent):
                await captured_with(always(status, body))

    @pytest.mark.parametrize("status", [401, 403, 429])
    async def test_turned_away_at_the_door_did_nothing(self, status: int) -> None:
        with pytest.raises(ProviderUnreachable):
            await captured_with(always(status, b"no"))

    @pytest.mark.parametrize("answer", [failing(httpx.ReadError), failing(httpx.ConnectError), refused(400, "odd_rule")])
    async def test_that_failed_says_so_without_key_payment_or_address(
        self, answer: Answer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(logging.DEBUG)
        with pytest.raises((ProviderSilent, ProviderUnreachable)) as failure:
            await captured_with(answer)
        told = repr(failure.value) + str(failure.value) + repr(failure.value.__cause__)
        logged = "".join(line for line in caplog.messages if "HTTP Request" not in line) + "".join(capfd.readouterr())
        for secret in (KEY, PAYMENT, "api.stripe.com"):
            assert secret not in told and secret not in logged

    def test_writes_nothing_to_the_terminal_though_stripes_library_is_asked_to(self) -> None:
        program = f"""
import asyncio
from vending.card_provider_stripe import StripeCards
print(repr(asyncio.run(asyncio.wait_for(StripeCards("blue", "{KEY}", "s", url="http://127.0.0.1:9").payment("{PAYMENT}"), 30))))
"""
        asked = {**os.environ, "STRIPE_LOG": "debug"}
        done = subprocess.run([sys.executable, "-c", program], env=asked, capture_output=True, text=True, cwd=ROOT, timeout=60)
        assert "ProviderUnreachable" in done.stderr and "message=" not in done.stderr and KEY not in done.stderr


class ARefusal:
    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (refused(404, "resource_missing"), NoSuchPayment),
            (refused(402, "card_declined"), CaptureDeclined),
            (refused(400, "charge_expired_for_capture"), PaymentNotCapturable),
            (
                refused(400, "payment_intent_unexpected_state", payment_intent=INTENT | {"status": "canceled"}),
                PaymentNotCapturable,
            ),
            (refused(400, "payment_intent_unexpected_state"), ProviderSilent),
            (refused(400, "charge_already_captured"), ProviderSilent),
            (always(400, {"error": {"type": "idempotency_error", "message": "other parameters"}}), ProviderSilent),
        ],
    )
    async def test_of_a_capture_says_what_is_known_of_the_money(self, answer: Answer, error: type[Exception]) -> None:
        with pytest.raises(error) as told:
            await captured_with(answer)
        assert type(told.value) is error

    async def test_of_what_is_done_already_is_as_good_as_done(self) -> None:
        unexpected = "payment_intent_unexpected_state"
        assert (await captured_with(refused(400, unexpected, payment_intent=INTENT))).state == "captured"
        let_go = INTENT | {"status": "canceled", "amount_received": 0}
        assert (await stripe_cards(refused(400, unexpected, payment_intent=let_go)).release(PAYMENT)).state == "released"

    async def test_that_speaks_of_another_payment_proves_nothing(self) -> None:
        other = INTENT | {"id": "pi_other"}
        for status in ("succeeded", "canceled"):
            with pytest.raises(ProviderSilent):
                await captured_with(refused(400, "payment_intent_unexpected_state", payment_intent=other | {"status": status}))

    async def test_of_a_release_of_what_was_captured_says_so(self) -> None:
        with pytest.raises(PaymentNotReleasable):
            await stripe_cards(refused(400, "payment_intent_unexpected_state", payment_intent=INTENT)).release(PAYMENT)

    @pytest.mark.parametrize(
        ("code", "error"),
        [("amount_too_small", AmountTooSmall), ("amount_too_large", AmountTooLarge), ("url_invalid", ProviderRefused)],
    )
    async def test_of_a_checkout_is_known_by_its_rule(self, code: str, error: type[ProviderRefused]) -> None:
        with pytest.raises(ProviderRefused) as refusal:
            await stripe_cards(refused(400, code)).open_checkout(order())
        assert type(refusal.value) is error and refusal.value.rule == code

    @pytest.mark.parametrize(
        "body",
        [b"<h1>Bad Request</h1>", {"error": "invalid_grant"}, {"error": {"type": "no rule's name!"}}, {"error": {}}, [], None],
    )
    async def test_that_is_none_of_stripes_tells_nothing(self, body: object) -> None:
        for status in (400, 402, 404):
            with pytest.raises(ProviderSilent):
                await captured_with(always(status, body))


class AReply:
    async def test_that_is_whole_is_believed(self) -> None:
        payment = await captured_with(always(200, INTENT))
        assert (payment.state, payment.amount, payment.captured, payment.currency) == ("captured", 25000, 25000, "ZAR")

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "pi_other"},
            {"status": "requires_capture"},
            {"status": "canceled"},
            {"status": "odd"},
            {"amount": "25000"},
            {"amount": 250.5},
            {"amount_received": None},
            {"created": 1e300},
            {"created": 10**18},
            {"currency": "isk", "amount": 150},
            {"latest_charge": 7},
            {"object": None},
        ],
    )
    async def test_that_is_not_what_was_agreed_tells_nothing(self, change: dict[str, Any]) -> None:
        with pytest.raises(ProviderSilent):
            await captured_with(always(200, INTENT | change))

    @pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"object": {}}', b'"object"'])
    async def test_that_cannot_be_read_tells_nothing(self, body: bytes) -> None:
        with pytest.raises(ProviderSilent):
            await captured_with(always(200, body))

    async def test_tells_how_much_is_held_where_the_bank_authorised_a_part(self) -> None:
        held = INTENT | {"status": "requires_capture", "amount_received": 0, "amount_capturable": 9000}
        payment = await stripe_cards(always(200, held)).payment(PAYMENT)
        assert (payment.state, payment.amount) == ("authorised", 9000)

    async def test_for_another_purchase_or_amount_is_no_checkout(self) -> None:
        wanted = order()
        session = {
            "id": "cs_test_1",
            "object": "checkout.session",
            "status": "open",
            "amount_total": wanted.amount,
            "currency": "zar",
            "expires_at": 1_760_000_000,
            "url": "https://checkout.stripe.com/c/pay/cs_test_1#x",
            "metadata": {"utility": "blue", "purchase_id": str(wanted.purchase_id)},
        }
        assert (await stripe_cards(always(200, session)).open_checkout(wanted)).url == session["url"]
        for change in ({"amount_total": 1}, {"currency": "usd"}, {"metadata": {}}, {"url": None}, {"status": "expired"}):
            with pytest.raises(ProviderSilent):
                await stripe_cards(always(200, session | change)).open_checkout(wanted)


def charged(**changes: Any) -> dict[str, Any]:
    return INTENT | {"latest_charge": INTENT["latest_charge"] | changes}


def with_disputes(*disputes: dict[str, Any], intent: dict[str, Any] | None = None) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/disputes":
            assert dict(request.url.params)["payment_intent"] == PAYMENT
            data = [{"id": "du_1", "object": "dispute", "amount": 25000, "currency": "zar", **each} for each in disputes]
            return httpx.Response(200, json={"object": "list", "has_more": False, "data": data})
        return httpx.Response(200, json=intent or charged(disputed=True))

    return answer


class WhatGoesBack:
    async def test_is_told_net_of_what_was_never_captured(self) -> None:
        part = charged(amount_captured=20000, amount_refunded=8000) | {"amount_received": 20000}
        payment = await stripe_cards(always(200, part)).payment(PAYMENT)
        assert (payment.captured, payment.refunded) == (20000, 3000)

    async def test_of_a_hold_that_was_let_go_is_nothing(self) -> None:
        let_go = charged(amount_captured=0, amount_refunded=25000) | {"amount_received": 0, "status": "canceled"}
        assert (await stripe_cards(always(200, let_go)).payment(PAYMENT)).refunded == 0

    @pytest.mark.parametrize(
        ("disputes", "disputed"),
        [
            ([{"status": "needs_response"}], 25000),
            ([{"status": "lost", "amount": 9000}], 9000),
            ([{"status": "warning_under_review", "amount": 9000}], 9000),
            ([{"status": "a_status_of_tomorrow"}], 25000),
            ([{"status": "won"}], 0),
            ([{"status": "warning_closed"}], 0),
            ([{"status": "lost", "amount": 20000}, {"status": "under_review", "amount": 20000}], 25000),
            ([{"status": "lost", "amount": 1300, "currency": "usd"}], 25000),
        ],
    )
    async def test_by_a_dispute_is_what_may_be_lost_by_it(self, disputes: list[dict[str, Any]], disputed: int) -> None:
        assert (await stripe_cards(with_disputes(*disputes)).payment(PAYMENT)).disputed == disputed

    @pytest.mark.parametrize("change", [{"amount_refunded": None}, {"disputed": None}, {"amount_captured": "25000"}])
    async def test_is_not_guessed_where_the_charge_does_not_say(self, change: dict[str, Any]) -> None:
        with pytest.raises(ProviderSilent):
            await stripe_cards(always(200, charged(**change))).payment(PAYMENT)
        with pytest.raises(ProviderSilent):
            await stripe_cards(always(200, INTENT | {"latest_charge": "ch_3ABC"})).payment(PAYMENT)


class AnEvent:
    @pytest.mark.parametrize("payment_intent", ["pi_1", {"id": "pi_1", "object": "payment_intent"}])
    def test_of_a_checkout_names_it_and_its_payment(self, payment_intent: object) -> None:
        about = {"object": "checkout.session", "id": "cs_1", "payment_intent": payment_intent, "metadata": INTENT["metadata"]}
        told = {"id": "evt_1", "type": "checkout.session.completed", "created": 1, "data": {"object": about}}
        event = event_of(read(json.dumps(told), EventTold))
        assert (event.kind, event.checkout_id, event.payment_id) == ("checkout-completed", "cs_1", "pi_1")
        assert str(event.purchase_id) == INTENT["metadata"]["purchase_id"]

    @pytest.mark.parametrize("kind", ["charge.refunded", "charge.dispute.created", "refund.failed"])
    def test_of_what_goes_back_is_a_word_like_others(self, kind: str) -> None:
        about = {"object": "charge", "id": "ch_1", "payment_intent": PAYMENT, "metadata": INTENT["metadata"]}
        event = event_of(read(json.dumps({"id": "evt_1", "type": kind, "created": 1, "data": {"object": about}}), EventTold))
        assert (event.kind, event.checkout_id, event.payment_id) == ("other", None, PAYMENT)

    @pytest.mark.parametrize("about", [{}, {"object": "customer", "id": "cus_1"}, {"metadata": {"purchase_id": "42"}}])
    def test_of_anything_else_is_told_apart(self, about: dict[str, Any]) -> None:
        told = {"id": "evt_1", "type": "customer.created", "created": 1, "data": {"object": about}}
        event = event_of(read(json.dumps(told), EventTold))
        assert (event.kind, event.checkout_id, event.payment_id, event.purchase_id) == ("other", None, None, None)
