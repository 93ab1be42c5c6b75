"""Buying power with a credit card over the API, on a real database, with a Juice and a card provider in memory."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.purchase_events import PurchaseAbandoned, PurchaseNoticed, PurchaseRequested
from eventlog.follower import Follower
from tests.domain.scenario import context
from tests.vending.fake_juice import FakeJuice
from tests.vending.fake_provider import ORIGIN
from tests.web.scene import ACCOUNT, METER, OTHER_ACCOUNT, OTHER_METER, Scene
from vending.purchasing import Purchasing
from web.access.limits import PURCHASES


async def meter_id(scene: Scene, number: str = METER) -> str:
    return str((await scene.utility.portal.find(number)).meter_id)


async def buy(scene: Scene, token: str | None, key: str = "key-number-1", **body: Any) -> Any:
    wish = {"meter_id": await meter_id(scene), "amount": 5000, **body}
    return await scene.post("/purchases", wish, token=token, headers={"Idempotency-Key": key})


async def vend(scene: Scene, purchase_id: str, juice: FakeJuice | None = None) -> None:
    """This will do what the vendor does."""
    portal = scene.utility.portal
    manager = Purchasing(portal, juice or FakeJuice(account=ACCOUNT), scene.cards)
    await manager.advance(UUID(purchase_id), context(scene.now, by="system:vendor"), attempts=1)
    await scene.utility.project()


async def events(scene: Scene, kind: type) -> list[Any]:
    found: list[Any] = []

    async def take(cursor: Any, batch: Any) -> None:
        found.extend(recorded.event for recorded in batch if isinstance(recorded.event, kind))

    await Follower(scene.utility.dsn, scene.utility.log, f"test {kind.__name__} {len(scene.cards.asked)}", take).catch_up()
    return found


class APreview:
    async def test_tells_where_each_part_would_go(self, scene: Scene) -> None:
        token = await scene.log_in()
        told = await scene.post("/purchases/previews", {"meter_id": await meter_id(scene), "amount": 10000}, token=token)
        assert told.status_code == 200, told.text
        assert (told.json["arrears"], told.json["tax"], told.json["fees"], told.json["units"]) == (2500, 1000, 250, "10.6")
        assert sum(line["amount"] for line in told.json["lines"]) == told.json["amount"] == 10000
        first = told.json["lines"][0]
        assert (first["balance_before"], first["balance_after"]) == (90_000, 87_500)
        assert not await events(scene, PurchaseRequested)

    async def test_of_a_juice_card_knows_no_limits(self, scene: Scene) -> None:
        token, wish = await scene.log_in(), {"meter_id": await meter_id(scene), "amount": 900}
        assert (await scene.post("/purchases/previews", wish, token=token)).json["errors"].keys() == {"amount"}
        told = await scene.post("/purchases/previews", {**wish, "pay_with": "juice-card"}, token=token)
        assert (told.status_code, told.json["amount"]) == (200, 900)

    async def test_says_so_where_juice_is_silent_or_sells_nothing(self, scene: Scene) -> None:
        token, wish = await scene.log_in(), {"meter_id": await meter_id(scene), "amount": 5000}
        scene.juice.silent = True
        assert (await scene.post("/purchases/previews", wish, token=token)).json["rule"] == "PreviewNotPossible"
        scene.juice.silent, scene.juice.blocked = False, True
        assert (await scene.post("/purchases/previews", wish, token=token)).json["rule"] == "NothingSold"


class APurchase:
    async def test_is_written_down_and_paid_on_the_providers_page(self, scene: Scene) -> None:
        reply = await buy(scene, await scene.log_in())
        assert reply.status_code == 202, reply.text
        assert reply.json["pay_at"] == f"{ORIGIN}/cs_1"
        assert reply.headers["location"] == f"/api/v1/purchases/{reply.json['status']}"
        (order,) = scene.cards.orders
        assert (order.amount, order.currency, order.description) == (5000, "ZAR", "Electricity, Test Power")
        assert order.success_url == f"https://test.example/purchases/{reply.json['status']}?returned=yes"
        await scene.utility.project()
        told = await scene.get(f"/purchases/{reply.json['status']}")
        assert (told.json["stage"], told.json["amount"], told.json["meter"]) == ("requested", 5000, "…0017")

    async def test_is_named_at_a_glance_until_it_has_ended(self, scene: Scene) -> None:
        token, stranger = await scene.log_in(), await scene.log_in(OTHER_ACCOUNT)
        started = (await buy(scene, token)).json
        juice = FakeJuice(account=ACCOUNT)
        juice.faults.append("lost-reply")
        for stage in ("requested", "in-doubt"):
            await scene.utility.project()
            (begun,) = (await scene.get("/me", token=token)).json["unfinished"]
            assert (begun["kind"], begun["id"], begun["stage"]) == ("purchase", started["purchase_id"], stage)
            assert (begun["amount"], begun["currency"]) == (5000, "ZAR")
            assert (await scene.get("/me", token=stranger)).json["unfinished"] == []
            if stage == "requested":
                scene.cards.pay("cs_1")
            await vend(scene, started["purchase_id"], juice)
        assert (await scene.get("/me", token=token)).json["unfinished"] == []

    async def test_is_issued_and_charged_once_it_is_paid(self, scene: Scene) -> None:
        token = await scene.log_in()
        started = (await buy(scene, token)).json
        scene.cards.pay("cs_1")
        await vend(scene, started["purchase_id"])
        told = (await scene.get(f"/purchases/{started['purchase_id']}", token=token)).json
        assert (told["stage"], told["has_ended"], told["receipt"]["units"]) == ("captured", True, "25.6")
        assert told["receipt"]["wallet_balance"] == 0
        assert scene.cards.charged == 5000
        activity = (await scene.get("/me/activity", token=token)).json["items"]
        assert [(row["kind"], row["amount"]) for row in activity] == [("Cash-CC", 5000)]

    async def test_repeated_with_its_key_is_the_same_one(self, scene: Scene) -> None:
        token = await scene.log_in()
        replies = [await buy(scene, token) for _ in range(3)]
        assert len({(reply.status_code, reply.text) for reply in replies}) == 1
        assert (len(scene.cards.checkouts), len(await events(scene, PurchaseRequested))) == (1, 1)

    async def test_asked_for_side_by_side_is_one(self, scene: Scene) -> None:
        token = await scene.log_in()
        replies = await asyncio.gather(*(buy(scene, token) for _ in range(8)))
        assert {reply.status_code for reply in replies} == {202}
        assert (len(scene.cards.checkouts), len(await events(scene, PurchaseRequested))) == (1, 1)

    async def test_goes_on_where_the_providers_reply_was_lost(self, scene: Scene) -> None:
        token = await scene.log_in()
        scene.cards.faults.append("lost-reply")
        lost = await buy(scene, token)
        assert (lost.status_code, lost.json["rule"]) == (503, "ProviderDoesNotAnswer")
        again = await buy(scene, token)
        assert (again.status_code, again.json["pay_at"]) == (202, f"{ORIGIN}/cs_1")
        assert (len(scene.cards.checkouts), len(await events(scene, PurchaseRequested))) == (1, 1)

    async def test_that_was_paid_has_nothing_left_to_pay(self, scene: Scene) -> None:
        token = await scene.log_in()
        started = (await buy(scene, token)).json
        scene.cards.pay("cs_1")
        await vend(scene, started["purchase_id"])
        again = await buy(scene, token)
        assert (again.status_code, again.json["pay_at"], again.json["status"]) == (202, None, started["status"])

    async def test_needs_a_key_and_knows_another_body_under_it(self, scene: Scene) -> None:
        token = await scene.log_in()
        wish = {"meter_id": await meter_id(scene), "amount": 5000}
        keyless = await scene.post("/purchases", wish, token=token)
        assert (keyless.status_code, list(keyless.json["errors"])) == (400, ["idempotency_key"])
        await buy(scene, token)
        other = await buy(scene, token, amount=6000)
        assert (other.status_code, other.json["rule"]) == (422, "KeyUsedForAnother")

    async def test_is_of_money_in_whole_minor_units(self, scene: Scene) -> None:
        token = await scene.log_in()
        for amount in (50.5, 5000.0, "5000", True, None, -5000, 0, 10**13):
            reply = await buy(scene, token, amount=amount)
            assert (reply.status_code, list(reply.json["errors"])) == (422, ["amount"]), amount
        for amount in (999, 1_000_001):
            reply = await buy(scene, token, f"key-of-{amount}", amount=amount)
            assert (reply.status_code, list(reply.json["errors"])) == (422, ["amount"]), amount
        assert scene.cards.checkouts == {}

    async def test_is_for_a_meter_of_ones_own(self, scene: Scene) -> None:
        reply = await buy(scene, await scene.log_in(), meter_id=await meter_id(scene, OTHER_METER))
        assert (reply.status_code, reply.json["rule"]) == (404, "MeterNotOfAccount")
        assert scene.cards.checkouts == {}

    async def test_of_what_juice_would_not_sell_is_paid_by_nobody(self, scene: Scene) -> None:
        scene.juice.blocked = True
        reply = await buy(scene, await scene.log_in())
        assert (reply.status_code, reply.json["rule"], scene.cards.checkouts) == (409, "NothingSold", {})

    async def test_that_the_provider_takes_no_such_amount_for_is_refused_at_its_field(self, scene: Scene) -> None:
        scene.cards.faults.append("AmountTooSmall")
        reply = await buy(scene, await scene.log_in())
        assert (reply.status_code, list(reply.json["errors"])) == (422, ["amount"])

    async def test_is_begun_by_customers_only_and_not_all_day(self, scene: Scene) -> None:
        assert (await buy(scene, None)).status_code == 401
        token = await scene.log_in()
        statuses = [(await buy(scene, token, f"key-number-{n}")).status_code for n in range(PURCHASES.most + 1)]
        assert statuses == [202] * PURCHASES.most + [429]


class AnothersPurchase:
    async def test_is_not_found_by_its_id(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        await scene.utility.project()
        other = await scene.log_in(OTHER_ACCOUNT)
        for token in (None, other):
            path = f"/purchases/{started['purchase_id']}"
            assert (await scene.get(path, token=token)).status_code == 404
            assert (await scene.post(f"{path}/cancellation", token=token)).status_code == 404
        assert scene.cards.checkouts["cs_1"].state == "open"

    async def test_shows_no_balances_to_who_only_holds_its_reference(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        scene.cards.pay("cs_1")
        await vend(scene, started["purchase_id"])
        told = (await scene.get(f"/purchases/{started['status']}")).json
        assert (told["stage"], told["receipt"]["wallet_balance"]) == ("captured", None)

    async def test_opens_with_no_reference_of_a_redemption(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        await scene.utility.project()
        assert (await scene.get(f"/redemptions/{started['status']}")).status_code == 404


class Cancelling:
    async def test_closes_the_payment_page_for_good(self, scene: Scene) -> None:
        token = await scene.log_in()
        started = (await buy(scene, token)).json
        reply = await scene.post(f"/purchases/{started['status']}/cancellation")
        assert (reply.status_code, scene.cards.checkouts["cs_1"].state) == (202, "expired")
        await scene.utility.project()
        assert (await scene.get(f"/purchases/{started['status']}")).json["stage"] == "abandoned"
        again = await buy(scene, token)
        assert (again.status_code, again.json["rule"]) == (409, "PurchaseNotOpen")

    async def test_leaves_alone_what_was_paid_meanwhile(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        scene.cards.pay("cs_1")
        assert (await scene.post(f"/purchases/{started['status']}/cancellation")).status_code == 202
        await vend(scene, started["purchase_id"])
        assert (await scene.get(f"/purchases/{started['status']}")).json["stage"] == "captured"

    async def test_is_tried_again_where_the_provider_is_away(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        scene.cards.faults.append("unreachable")
        assert (await scene.post(f"/purchases/{started['status']}/cancellation")).status_code == 503
        assert (await scene.post(f"/purchases/{started['status']}/cancellation")).status_code == 202

    async def test_is_no_error_of_ours_where_the_provider_does_not_know_the_page(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        scene.cards.faults.append("NoSuchCheckout")
        assert (await scene.post(f"/purchases/{started['status']}/cancellation")).status_code == 503

    async def test_waits_for_a_bank_that_is_still_at_it(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        payment = scene.cards.pay("cs_1", state="pending")
        page = scene.cards.checkouts["cs_1"]
        scene.cards.checkouts["cs_1"] = msgspec.structs.replace(page, state="open", url="https://pay.example/cs_1")
        assert (await scene.post(f"/purchases/{started['status']}/cancellation")).status_code == 202
        assert await events(scene, PurchaseAbandoned) == []
        await vend(scene, started["purchase_id"])
        assert (scene.cards.state(payment.id), len(await events(scene, PurchaseAbandoned))) == ("released", 1)


class AWebhook:
    async def tell(self, scene: Scene, said: str, signature: str | None = "good") -> Any:
        headers = {"Content-Type": "application/json"} | ({"Stripe-Signature": signature} if signature else {})
        return await scene.post("/webhooks/cards", body=said, headers=headers)

    async def test_is_answered_once_it_is_in_the_log_and_taken_in_once(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        for _ in range(3):
            assert (await self.tell(scene, f"authorised evt_1 {started['purchase_id']}")).status_code == 204
        (noticed,) = await events(scene, PurchaseNoticed)
        assert (noticed.notice_id, noticed.by) == ("evt_1", "system:card-provider")

    async def test_without_a_signature_is_nobodys(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        for signature in (None, "", "bad"):
            reply = await self.tell(scene, f"authorised evt_1 {started['purchase_id']}", signature)
            assert (reply.status_code, reply.json["rule"]) == (400, "WebhookRefused")
        assert not await events(scene, PurchaseNoticed)

    async def test_says_when_to_ask_and_decides_nothing(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        for said in ("captured", "released", "authorised", "checkout-expired", "checkout-completed"):
            await self.tell(scene, f"{said} evt_{said} {started['purchase_id']}")
        await scene.utility.project()
        assert (await scene.get(f"/purchases/{started['status']}")).json["stage"] == "requested"

    async def test_doubled_reordered_and_late_changes_no_outcome(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        await self.tell(scene, f"captured evt_4 {started['purchase_id']}")
        scene.cards.pay("cs_1")
        await vend(scene, started["purchase_id"])
        scene.later(days=5)
        for said in ("declined evt_1", "authorised evt_2", "authorised evt_2", "checkout-completed evt_3"):
            assert (await self.tell(scene, f"{said} {started['purchase_id']}")).status_code == 204
        await vend(scene, started["purchase_id"])
        assert (await scene.get(f"/purchases/{started['status']}")).json["stage"] == "captured"
        assert scene.cards.charged == 5000

    async def test_of_a_refund_or_a_dispute_is_kept_and_changes_nothing(self, scene: Scene) -> None:
        """The charge that it is about names the purchase; a dispute itself names none. Comparing the books finds both."""
        started = (await buy(scene, await scene.log_in())).json
        scene.cards.pay("cs_1")
        await vend(scene, started["purchase_id"])
        scene.cards.refund("pi_cs_1", 5000, scene.now)
        for said in (f"other evt_refunded {started['purchase_id']}", "other evt_disputed -"):
            assert (await self.tell(scene, said)).status_code == 204
        await vend(scene, started["purchase_id"])
        assert (await scene.get(f"/purchases/{started['status']}")).json["stage"] == "captured"
        assert "evt_refunded" in [event.notice_id for event in await events(scene, PurchaseNoticed)]
        assert scene.cards.charged == 5000

    async def test_of_a_declined_card_leaves_the_page_open(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        await self.tell(scene, f"declined evt_1 {started['purchase_id']}")
        await scene.utility.project()
        assert (await scene.get(f"/purchases/{started['status']}")).json["stage"] == "declined"
        scene.cards.pay("cs_1")
        await vend(scene, started["purchase_id"])
        assert (await scene.get(f"/purchases/{started['status']}")).json["stage"] == "captured"

    async def test_of_another_utilitys_purchase_or_of_none_changes_nothing(self, scene: Scene) -> None:
        started = (await buy(scene, await scene.log_in())).json
        scene.cards.utility = "other"
        for said in (f"authorised evt_1 {started['purchase_id']}", "other evt_2 -", f"authorised evt_3 {UUID(int=77)}"):
            assert (await self.tell(scene, said)).status_code == 204
        assert not await events(scene, PurchaseNoticed)


class WhatWasTamperedWithAtTheProvider:
    @pytest.mark.parametrize("said", [{"amount": 100}, {"currency": "UGX"}])
    async def test_is_never_vended(self, scene: Scene, said: dict[str, Any]) -> None:
        started = (await buy(scene, await scene.log_in())).json
        scene.cards.pay("cs_1", **said)
        juice = FakeJuice(account=ACCOUNT)
        await vend(scene, started["purchase_id"], juice)
        told = (await scene.get(f"/purchases/{started['status']}")).json
        assert (told["stage"], told["rule"], juice.asked) == ("released", "AuthorisationDiffers", [])
