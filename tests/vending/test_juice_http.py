"""What the adapter makes of every way in which an exchange can go wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.vending.messages import advice
from vending.juice_http import HttpJuice
from vending.juice_refusals import CardUsed, JuiceRefused, JuiceSilent, JuiceUnreachable, NeverLeft, UnknownCard

MESSAGE = UUID("0192d3f4-0000-7000-8000-000000000001")
SERIAL, CODE, METER = "7100000101", "SCRATCHCODE23", "41300200114"
REPLY: dict[str, Any] = {
    "message_id": str(MESSAGE),
    "transaction": "520002005",
    "type": "JC",
    "at": "2026-03-01T10:00:00.000Z",
    "account": "4100017",
    "meter": METER,
    "serial": SERIAL,
    "amount": 5000,
    "currency": "ZAR",
    "lines": [{"kind": "energy", "amount": 5000, "units": "17.5", "unit": "kWh"}],
    "units": "17.5",
    "unit": "kWh",
    "tokens": [{"kind": "credit", "digits": "57416438437764631367", "order": 1}],
    "wallet_change": 0,
    "wallet_balance": 0,
}

Answer = Callable[[httpx.Request], httpx.Response]


def juice(answer: Answer, timeout_s: float = 10) -> HttpJuice:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return HttpJuice("http://juice.example/u/blue/", "the-key", client=client, timeout_s=timeout_s)


async def redeemed_with(answer: Answer) -> Any:
    return await juice(answer).redeem(MESSAGE, serial=SERIAL, code=CODE, meter=METER)


def always(status: int, body: object) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda request: httpx.Response(status, content=content)


def failing(error: type[httpx.TransportError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error(f"{request.url} {SERIAL} {CODE}")

    return answer


class AQuestion:
    async def test_carries_the_key_the_media_type_and_json(self) -> None:
        seen: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return httpx.Response(200, json=REPLY)

        await redeemed_with(answer)
        (request,) = seen
        assert (request.method, str(request.url)) == ("POST", "http://juice.example/u/blue/redemptions")
        assert request.headers["authorization"] == "Bearer the-key" and request.headers["x-juice-media-type"] == "juice.v1"
        assert json.loads(request.content) == {"message_id": str(MESSAGE), "serial": SERIAL, "code": CODE, "meter": METER}

    async def test_names_either_an_account_or_a_meter(self) -> None:
        for target in ({}, {"account": "1", "meter": "2"}):
            with pytest.raises(ValueError, match="either account or meter"):
                await juice(always(200, REPLY)).confirm_customer(**target)


class AnExchange:
    @pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
    async def test_that_never_began_did_nothing(self, error: type[httpx.TransportError]) -> None:
        with pytest.raises(JuiceUnreachable):
            await redeemed_with(failing(error))

    @pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
    async def test_that_never_began_says_so_to_who_cannot_ask_after_it(self, error: type[httpx.TransportError]) -> None:
        client = httpx.AsyncClient(transport=httpx.MockTransport(failing(error)))
        without_advice = HttpJuice("http://juice.example", "k", client=client, knows_messages=False)
        with pytest.raises(NeverLeft):
            await without_advice.redeem(MESSAGE, serial=SERIAL, code=CODE, meter="0701")

    @pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503])
    async def test_that_was_answered_did_leave(self, status: int) -> None:
        client = httpx.AsyncClient(transport=httpx.MockTransport(always(status, b"no")))
        with pytest.raises((JuiceUnreachable, JuiceSilent)) as failure:
            await HttpJuice("http://juice.example", "k", client=client, knows_messages=False).utility()
        assert not isinstance(failure.value, NeverLeft)

    @pytest.mark.parametrize(
        "error", [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError]
    )
    async def test_that_broke_off_tells_nothing(self, error: type[httpx.TransportError]) -> None:
        with pytest.raises(JuiceSilent):
            await redeemed_with(failing(error))

    async def test_that_drips_for_ever_is_given_up(self) -> None:
        async def answer(request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(60)
            return httpx.Response(200, json=REPLY)

        client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        with pytest.raises(JuiceSilent):
            await advice(HttpJuice("http://juice.example", "k", client=client, timeout_s=0.05), MESSAGE)

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 302, 201])
    async def test_answered_by_no_status_of_the_wire_tells_nothing(self, status: int) -> None:
        with pytest.raises(JuiceSilent):
            await redeemed_with(always(status, REPLY))

    @pytest.mark.parametrize("status", [401, 403, 429])
    async def test_turned_away_at_the_door_did_nothing(self, status: int) -> None:
        with pytest.raises(JuiceUnreachable):
            await redeemed_with(always(status, b"no"))

    @pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadError])
    async def test_that_failed_says_so_without_serial_code_or_address(self, error: type[httpx.TransportError]) -> None:
        with pytest.raises((JuiceSilent, JuiceUnreachable)) as failure:
            await redeemed_with(failing(error))
        told = repr(failure.value) + str(failure.value) + repr(failure.value.__cause__)
        assert SERIAL not in told and CODE not in told and "juice.example" not in told


class ARefusal:
    @pytest.mark.parametrize(
        ("status", "rule", "error"),
        [(404, "UnknownCard", UnknownCard), (409, "CardUsed", CardUsed), (409, "VendorCredit", JuiceRefused)],
    )
    async def test_is_known_by_its_rule(self, status: int, rule: str, error: type[JuiceRefused]) -> None:
        with pytest.raises(JuiceRefused) as refusal:
            await redeemed_with(always(status, {"rule": rule, "detail": "why"}))
        assert type(refusal.value) is error and (refusal.value.rule, refusal.value.detail) == (rule, "why")

    @pytest.mark.parametrize("body", [b"<h1>Not Found</h1>", {"title": "gone"}, {"rule": "no rule's name!"}, {"rule": 4}, []])
    async def test_without_a_rule_is_none(self, body: object) -> None:
        with pytest.raises(JuiceSilent):
            await redeemed_with(always(404, body))

    async def test_of_a_reused_message_id_is_no_proof_that_nothing_was_done(self) -> None:
        with pytest.raises(JuiceSilent):
            await redeemed_with(always(422, {"rule": "MessageIdReused"}))


class AReply:
    async def test_that_is_whole_is_believed(self) -> None:
        reply = await redeemed_with(always(200, REPLY))
        assert (reply.transaction, reply.tokens[0].digits) == ("520002005", "57416438437764631367")

    @pytest.mark.parametrize(
        "change",
        [
            {"message_id": "0192d3f4-0000-7000-8000-00000000ffff"},
            {"message_id": None},
            {"transaction": ""},
            {"amount": "5000"},
            {"amount": 50.5},
            {"at": "2026-03-01T10:00:00"},
            {"lines": [{"kind": "gift", "amount": 1}]},
            {"tokens": [{"kind": "credit", "digits": "1234", "order": 1}]},
            {"tokens": [{"kind": "credit", "digits": "٥٧٤١٦٤٣٨٤٣٧٧٦٤٦٣١٣٦٧", "order": 1}]},
            {"wallet_balance": None},
            {"wallet_balance": 10**30},
            {"wallet_change": True},
            {"units": "NaN"},
            {"units": "Infinity"},
            {"units": "1e999999999"},
            {"units": "17,5"},
            {"units": "١٧"},
            {"units": "17.5\n"},
            {"lines": [{"kind": "energy", "amount": 5000, "balance_after": -(10**30)}]},
        ],
    )
    async def test_that_is_not_what_was_agreed_tells_nothing(self, change: dict[str, Any]) -> None:
        with pytest.raises(JuiceSilent):
            await redeemed_with(always(200, REPLY | change))

    @pytest.mark.parametrize("field", sorted(set(REPLY) - {"type", "serial", "unit"}))
    async def test_without_one_of_its_fields_tells_nothing(self, field: str) -> None:
        with pytest.raises(JuiceSilent):
            await redeemed_with(always(200, {name: value for name, value in REPLY.items() if name != field}))

    @pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff\xfe", f'{{"code": {CODE}}}'.encode()])
    async def test_that_cannot_be_read_is_not_quoted(self, body: bytes) -> None:
        with pytest.raises(JuiceSilent) as silence:
            await redeemed_with(always(200, body))
        assert CODE not in str(silence.value)
