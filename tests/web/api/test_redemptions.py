from __future__ import annotations

import asyncio
import base64
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domain.commands.base import TooManyAtOnce
from domain.wallet import Line, Receipt, Token
from eventlog.secrets import UtilitySecrets
from tests.domain.scenario import NOON, context
from tests.web.scene import ACCOUNT, CODE, METER, OTHER_ACCOUNT, SERIAL, Scene
from web.access import card_tries
from web.journeys import tokens

CARD = {"serial": SERIAL, "code": CODE}


async def redeem(scene: Scene, key: str = "key-number-1", token: str | None = None, **body: Any) -> Any:
    return await scene.post("/redemptions", {**CARD, "number": METER, **body}, token=token, headers={"Idempotency-Key": key})


async def settle(scene: Scene, reference: str) -> None:
    """This will do what the vendor does."""
    portal = scene.utility.portal
    redemption_id = UUID(reference)
    redemption = await portal.redemption(redemption_id)
    ids = {"redemption_id": redemption_id, "message_id": redemption.message_id}
    await portal.send_redemption(context(by="system:vendor"), **ids)
    receipt = Receipt(
        juice_number="T1",
        happened_at=NOON,
        amount=5000,
        currency="ZAR",
        lines=(
            Line(kind="arrears", amount=100, debt_id="D1", description="Meter", balance_before=900, balance_after=800),
            Line(kind="energy", amount=4900),
        ),
        wallet_change=0,
        wallet_balance=1234,
        milliunits=25_600,
        tokens=(Token(kind="credit", digits="12345678901234567890", order=1),),
    )
    await portal.settle_redemption(context(by="system:vendor"), receipt=receipt, **ids)
    await scene.utility.project()


class ACheck:
    async def test_says_what_the_card_is_worth_however_it_is_typed(self, scene: Scene) -> None:
        reply = await scene.post("/cards/checks", {"serial": f" {SERIAL.lower()} ", "code": f"{CODE[:4]}-{CODE[4:8]} {CODE[8:]}"})
        assert (reply.status_code, reply.json) == (200, {"amount": 5000, "currency": "ZAR"})

    async def test_says_the_same_of_a_wrong_serial_and_a_wrong_code(self, scene: Scene) -> None:
        serial = await scene.post("/cards/checks", {**CARD, "serial": "S9999999"})
        code = await scene.post("/cards/checks", {**CARD, "code": "WRONG2345WRONG"})
        assert serial.status_code == code.status_code == 404
        assert {**serial.json, "request_id": ""} == {**code.json, "request_id": ""}

    async def test_is_slowed_down_for_a_serial_that_is_guessed_at(self, scene: Scene) -> None:
        statuses = [(await scene.post("/cards/checks", {**CARD, "code": f"WRONG2345{n:03d}"})).status_code for n in range(7)]
        assert statuses == [404] * 6 + [429]
        refused = await scene.post("/cards/checks", CARD)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
        scene.later(seconds=5)
        assert (await scene.post("/cards/checks", CARD)).status_code == 200

    async def test_asks_juice_no_more_often_when_codes_are_guessed_side_by_side(self, scene: Scene) -> None:
        guesses = ({**CARD, "code": f"WRONG2345{n:03d}"} for n in range(64))
        replies = await asyncio.gather(*(scene.post("/cards/checks", guess) for guess in guesses))
        assert Counter(reply.status_code for reply in replies) == {404: 6, 429: 58}
        assert scene.juice.asked == 6

    async def test_of_a_card_of_ones_own_takes_nothing_off_what_is_counted(self, scene: Scene) -> None:
        scene.juice.cards["S7777777", CODE] = 5000
        statuses = []
        for n in range(30):
            statuses.append((await scene.post("/cards/checks", {**CARD, "code": f"WRONG2345{n:03d}"})).status_code)
            await scene.post("/cards/checks", {"serial": "S7777777", "code": CODE})
        assert statuses.count(404) == 6 and statuses.count(429) == 24

    async def test_by_a_holder_who_mistypes_is_not_held_up_by_strangers_who_guessed(self, scene: Scene) -> None:
        for n in range(16):
            await scene.post("/cards/checks", {**CARD, "code": f"WRONG2345{n:03d}"}, remote_addr=f"198.51.100.{n}")
        for wrong in ("WRONG2345AAA", "WRONG2345BBB"):
            assert (await scene.post("/cards/checks", {**CARD, "code": wrong})).status_code == 404
        assert (await scene.post("/cards/checks", CARD)).status_code == 200

    async def test_waits_no_longer_because_one_asked_too_early(self, scene: Scene) -> None:
        for n in range(40):
            await scene.post("/cards/checks", {**CARD, "code": f"WRONG2345{n:03d}"}, remote_addr=f"198.51.100.{n}")
        for n in range(3):
            await scene.post("/cards/checks", {**CARD, "code": f"WRONG2345{n:03d}"})
        for _ in range(3):
            assert (await scene.post("/cards/checks", CARD)).status_code == 429
            scene.later(minutes=21)
        assert (await scene.post("/cards/checks", CARD)).status_code == 200

    async def test_is_counted_alike_for_numbers_that_are_there_and_not(self, scene: Scene) -> None:
        statuses = {}
        for number in (ACCOUNT, "99999999"):
            tries = [
                await redeem(scene, f"{number}-{n:03d}", number=number, serial=f"S3{number[:3]}{n:03d}", code="WRONG2345AAA")
                for n in range(30)
            ]
            statuses[number] = [reply.status_code for reply in tries]
            scene.later(hours=2)
        assert statuses[ACCOUNT] == statuses["99999999"] and 429 in statuses[ACCOUNT]

    async def test_of_many_cards_at_once_from_one_address_holds_nobody_up(self, scene: Scene) -> None:
        scene.juice.cards = {(f"S{n:07d}", CODE): 5000 for n in range(200)}
        cards = ({"serial": serial, "code": code} for serial, code in scene.juice.cards)
        replies = await asyncio.gather(*(scene.post("/cards/checks", card) for card in cards))
        assert {reply.status_code for reply in replies} == {200}

    async def test_by_somebody_new_is_not_held_up_by_strangers_who_guess(self, scene: Scene) -> None:
        for n in range(7):
            await scene.post("/cards/checks", {**CARD, "code": f"WRONG2345{n:03d}"})
        assert (await scene.post("/cards/checks", CARD)).status_code == 429
        assert (await scene.post("/cards/checks", CARD, remote_addr="192.0.2.99")).status_code == 200

    async def test_by_an_owner_is_not_held_up_by_strangers_who_guess(self, scene: Scene) -> None:
        token = await scene.log_in()
        for n in range(50):
            await redeem(scene, key=f"guess-number-{n}", code=f"WRONG2345{n:03d}", serial=f"S20000{n // 5:02d}")
            await scene.post("/cards/checks", {**CARD, "code": f"WRONG2345{n:03d}"})
        assert (await scene.post("/cards/checks", CARD)).status_code == 429
        assert (await redeem(scene, token=token, number=METER)).status_code == 202

    async def test_by_an_owner_who_guesses_is_slowed_down_too(self, scene: Scene) -> None:
        token = await scene.log_in()
        wrong = {**CARD, "code": "WRONG2345WRONG"}
        statuses = [(await scene.post("/cards/checks", wrong, token=token)).status_code for _ in range(22)]
        assert statuses == [404] * 21 + [429]

    async def test_floods_only_its_own_lane(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(card_tries, "CARDS", replace(card_tries.CARDS, most=4))
        monkeypatch.setattr(card_tries, "CARDS_BY_SOURCE", replace(card_tries.CARDS_BY_SOURCE, free=1000))
        for n in range(30):
            await scene.post("/cards/checks", {"serial": f"S9{n:06d}", "code": CODE})
        others = await scene.post("/cards/checks", {"serial": "S9999999", "code": CODE})
        assert others.status_code == 429 and "RateLimit" not in others.headers
        assert (await scene.post("/cards/checks", CARD, remote_addr="192.0.2.99")).status_code == 200
        assert (await scene.post("/cards/checks", CARD, token=await scene.log_in())).status_code == 200

    async def test_says_nothing_of_a_code_that_juice_said_nothing_of(self, scene: Scene) -> None:
        scene.juice.silent = True
        for _ in range(10):
            await scene.post("/cards/checks", CARD)
        scene.juice.silent = False
        assert (await scene.post("/cards/checks", CARD)).status_code == 200

    async def test_takes_a_token_for_a_token(self, scene: Scene) -> None:
        reply = await scene.post("/cards/checks", {**CARD, "code": "12345678901234567890"})
        assert reply.status_code == 422 and "token" in reply.json["errors"]["code"][0]

    async def test_may_be_tried_again_where_juice_is_silent(self, scene: Scene) -> None:
        scene.juice.silent = True
        reply = await scene.post("/cards/checks", CARD)
        assert (reply.status_code, reply.json["rule"], reply.headers["Retry-After"]) == (503, "JuiceDoesNotAnswer", "5")


class ARedemption:
    async def test_starts_without_a_login_and_can_be_watched_to_its_end(self, scene: Scene) -> None:
        started = await redeem(scene)
        assert started.status_code == 202
        path = started.headers["Location"].removeprefix("/api/v1")
        early = await scene.get(path)
        assert (early.status_code, early.json["stage"], early.json["has_ended"]) == (200, "reserved", False)
        await settle(scene, started.json["redemption_id"])
        late = (await scene.get(path)).json
        assert (late["stage"], late["has_ended"], late["meter"]) == ("redeemed", True, "…0017")
        assert late["receipt"]["tokens"] == [{"kind": "credit", "digits": "12345678901234567890", "order": 1}]
        assert late["receipt"]["units"] == "25.6"

    async def test_shows_balances_to_the_owner_alone(self, scene: Scene) -> None:
        started = await redeem(scene)
        await settle(scene, started.json["redemption_id"])
        path = f"/redemptions/{started.json['status']}"
        stranger = (await scene.get(path)).json["receipt"]
        owner = (await scene.get(path, token=await scene.log_in())).json["receipt"]
        assert stranger["wallet_balance"] is None and owner["wallet_balance"] == 1234
        assert stranger["lines"][0] | {"amount": 0} == {
            "kind": "arrears",
            "amount": 0,
            "description": None,
            "balance_before": None,
            "balance_after": None,
        }
        assert owner["lines"][0]["balance_after"] == 800

    async def test_credits_a_meter_of_the_account_that_is_logged_in(self, scene: Scene) -> None:
        token = await scene.log_in()
        me = (await scene.get("/me", token=token)).json
        body = {**CARD, "meter_id": me["meters"][0]["meter_id"]}
        headers = {"Idempotency-Key": "key-number-2"}
        assert (await scene.post("/redemptions", body, token=token, headers=headers)).status_code == 202

    async def test_refuses_a_meter_of_somebody_else(self, scene: Scene) -> None:
        other = (await scene.get("/me", token=await scene.log_in(OTHER_ACCOUNT))).json["meters"][0]["meter_id"]
        headers = {"Idempotency-Key": "key-number-3"}
        body = {**CARD, "meter_id": other}
        reply = await scene.post("/redemptions", body, token=await scene.log_in(), headers=headers)
        assert (reply.status_code, reply.json["rule"]) == (404, "MeterNotOfAccount")

    async def test_by_meter_id_needs_a_login(self, scene: Scene) -> None:
        body = {**CARD, "meter_id": "01900000-0000-7000-8000-000000000001"}
        reply = await scene.post("/redemptions", body, headers={"Idempotency-Key": "key-number-4"})
        assert reply.status_code == 401

    async def test_credits_once_however_many_race(self, scene: Scene) -> None:
        replies = await asyncio.gather(*(redeem(scene, key=f"racer-number-{n}") for n in range(64)))
        statuses = [reply.status_code for reply in replies]
        assert statuses.count(202) == 1 and statuses.count(409) == 63
        assert {reply.json["rule"] for reply in replies if reply.status_code == 409} == {"CardBeingRedeemed"}

    async def test_keeps_serial_and_code_out_of_events_answers_and_addresses(self, scene: Scene) -> None:
        started = await redeem(scene)
        assert SERIAL not in started.text + str(started.headers) and CODE not in started.text + str(started.headers)
        async with scene.utility.pool.connection() as connection:
            for table in ("events", "idempotency", "transit"):
                rows = await (await connection.execute(f"SELECT t.* FROM u_test.{table} t")).fetchall()
                assert rows and SERIAL not in str(rows) and CODE not in str(rows)


class TheSameKey:
    async def test_with_the_same_body_gets_the_same_answer(self, scene: Scene) -> None:
        first, again = await redeem(scene), await redeem(scene)
        assert first.status_code == again.status_code == 202
        assert first.json["redemption_id"] == again.json["redemption_id"] and first.json["status"] == again.json["status"]
        assert again.json["position"] >= first.json["position"]

    async def test_is_recognised_however_the_input_was_spaced(self, scene: Scene) -> None:
        await redeem(scene)
        again = await redeem(scene, number=f" {METER} ", serial=SERIAL.lower())
        assert again.status_code == 202

    async def test_with_another_body_is_refused(self, scene: Scene) -> None:
        await redeem(scene)
        reply = await redeem(scene, number=OTHER_ACCOUNT)
        assert (reply.status_code, reply.json["rule"]) == (422, "KeyUsedForAnother")

    async def test_gets_the_same_refusal_again(self, scene: Scene) -> None:
        refused = await redeem(scene, code="WRONG2345WRONG")
        scene.juice.cards[SERIAL, "WRONG2345WRONG"] = 5000
        again = await redeem(scene, code="WRONG2345WRONG")
        assert (refused.status_code, refused.json["rule"]) == (again.status_code, again.json["rule"]) == (404, "CardUnknown")

    async def test_gets_a_used_card_refused_again_as_used(self, scene: Scene) -> None:
        scene.juice.used.add(SERIAL)
        replies = [await redeem(scene), await redeem(scene)]
        assert [(reply.status_code, reply.json["rule"]) for reply in replies] == [(409, "CardAlreadyUsed")] * 2

    async def test_may_be_tried_again_after_what_was_nobodys_decision(self, scene: Scene) -> None:
        scene.juice.silent = True
        assert (await redeem(scene)).status_code == 503
        scene.juice.silent = False
        assert (await redeem(scene)).status_code == 202

    async def test_may_be_tried_again_after_a_race_that_was_lost_too_often(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def lost(*_: Any, **__: Any) -> None:
            raise TooManyAtOnce

        with monkeypatch.context() as patched:
            patched.setattr(scene.utility.portal, "reserve_redemption", lost)
            assert (await redeem(scene)).status_code == 503
        assert (await redeem(scene)).status_code == 202

    async def test_raced_by_itself_gives_everybody_the_one_answer(self, scene: Scene) -> None:
        replies = await asyncio.gather(*(redeem(scene) for _ in range(16)))
        assert {reply.status_code for reply in replies} == {202}
        assert len({reply.json["status"] for reply in replies}) == 1

    async def test_of_another_customer_is_another_key(self, scene: Scene) -> None:
        await redeem(scene)
        reply = await redeem(scene, token=await scene.log_in(), number=OTHER_ACCOUNT)
        assert (reply.status_code, reply.json["rule"]) == (409, "CardBeingRedeemed")

    async def test_must_be_there_and_visible(self, scene: Scene) -> None:
        for headers in ({}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "has a space"}):
            reply = await scene.post("/redemptions", {**CARD, "number": METER}, headers=headers)
            assert (reply.status_code, list(reply.json["errors"])) == (400, ["idempotency_key"])


class AStatus:
    async def test_of_a_forged_reference_is_not_found(self, scene: Scene) -> None:
        status = (await redeem(scene)).json["status"]
        for forged in ("x", "A" * 64, status[:-2] + "AA", "00000000-0000-0000-0000-000000000000"):
            assert (await scene.get(f"/redemptions/{forged}")).status_code == 404, forged

    @pytest.mark.parametrize("bent", ["{}=", "{}==", "{}====", "{}A", "{}%0A"])
    async def test_has_one_form_only(self, scene: Scene, bent: str) -> None:
        status = (await redeem(scene)).json["status"]
        assert (await scene.get(f"/redemptions/{status}")).status_code == 200
        assert (await scene.get(f"/redemptions/{bent.format(status)}")).status_code == 404

    async def test_does_not_show_whose_it_is(self, scene: Scene) -> None:
        started = (await redeem(scene)).json
        account = await scene.utility.portal.find(ACCOUNT)
        token = base64.urlsafe_b64decode(started["status"])
        assert account.account_id.bytes not in token and UUID(started["redemption_id"]).bytes not in token

    async def test_of_another_utility_opens_nothing(self, scene: Scene) -> None:
        status = (await redeem(scene)).json["status"]
        other = UtilitySecrets(bytes(range(32)), "other")
        assert tokens.unseal(scene.utility.secrets, "redemption-status", status, 32) is not None
        assert tokens.unseal(other, "redemption-status", status, 32) is None
        assert tokens.unseal(scene.utility.secrets, "identity-ticket", status, 32) is None

    async def test_makes_nobody_wait_who_has_no_right_to_it(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        started = (await redeem(scene)).json
        waited: list[int] = []

        async def reached(position: int, **_: Any) -> bool:
            waited.append(position)
            return True

        monkeypatch.setattr(scene.utility.views, "reached", reached)
        for reference in (started["redemption_id"], "A" * 64, str(UUID(int=1)), "x"):
            assert (await scene.get(f"/redemptions/{reference}?at_least=1")).status_code == 404
        assert waited == []
        assert (await scene.get(f"/redemptions/{started['status']}?at_least=1")).status_code == 200
        assert waited == [1]

    async def test_is_not_waited_for_past_the_end_of_the_log(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("projections.views.LOOK_AGAIN_S", 3600.0)
        started = (await redeem(scene)).json
        async with asyncio.timeout(30):
            reply = await scene.get(f"/redemptions/{started['status']}?at_least={10**17}")
            page = await scene.get(f"/me?at_least={10**17}", token=await scene.log_in())
        assert (reply.status_code, reply.json["stage"]) == (200, "reserved")
        assert (page.status_code, page.json["behind"], page.headers["Seed-Behind"]) == (200, True, "true")

    async def test_no_longer_opens_once_the_card_is_tried_for_another_account(self, scene: Scene) -> None:
        started = await redeem(scene)
        redemption = await scene.utility.portal.redemption(UUID(started.json["redemption_id"]))
        await scene.utility.portal.prove_redemption_absent(
            context(), redemption_id=redemption.id, message_id=redemption.message_id, rule="BlockedMeter"
        )
        await scene.utility.project()
        path = f"/redemptions/{started.json['status']}"
        ended = (await scene.get(path)).json
        assert (ended["stage"], ended["rule"], ended["has_ended"]) == ("proven-absent", "BlockedMeter", True)
        assert (await redeem(scene, key="key-number-5", number=OTHER_ACCOUNT)).status_code == 202
        await scene.utility.project()
        assert (await scene.get(path)).status_code == 404

    async def test_unknown_number_is_told_beside_its_field(self, scene: Scene) -> None:
        reply = await redeem(scene, number="99999999")
        assert (reply.status_code, list(reply.json["errors"])) == (422, ["number"])
        assert ACCOUNT not in reply.text
