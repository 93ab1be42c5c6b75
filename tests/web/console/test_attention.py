"""What staff and operators should look at, on one page and over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg
import pytest

from domain.event import Context
from notifications.messages import contents
from tests.domain.scenario import context
from tests.projections.lives import receipt
from tests.utility import OpenUtility
from tests.web.console.payments import CODE_ON_THE_CARD, account_id, bought_in_doubt, reserved
from tests.web.people import at_the_console
from tests.web.scene import ACCOUNT, METER, OTHER_ACCOUNT, Scene, played
from tests.web.visitor import Visitor, words
from web.access.roles import Role
from web.console.stages import MESSAGES
from web.services import Undelivered

PAGE = "/console/attention"


@pytest.fixture
async def staff(scene: Scene) -> Visitor:
    return await at_the_console(scene)


def juice(scene: Scene) -> Context:
    return context(at=scene.now, by="juice")


async def differs(scene: Scene, balance: int, number: str = ACCOUNT) -> None:
    as_of = scene.now - timedelta(hours=1)
    told = {"account_number": number, "juice_balance": balance, "through": None, "as_of": as_of}
    await scene.utility.portal.compare_balance(juice(scene), **told)
    await scene.utility.project()


def parked(scene: Scene, originator_id: UUID) -> None:
    with psycopg.connect(scene.utility.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO u_test.parked (follower, originator_id, position, reason) VALUES (%s, %s, %s, %s)",
            ("arrears", originator_id, 7, "KeyError at ArrearsStated"),
        )


class ThePage:
    async def test_says_so_where_there_is_nothing(self, staff: Visitor) -> None:
        page = words(await staff.open(PAGE))
        for fine in ("Every payment came to its end", "No balance differed", "Every message of", "All of it is read"):
            assert fine in page
        assert "Nothing is left out" in page and "settled by hand" not in page

    async def test_names_a_payment_only_once_it_takes_long(self, scene: Scene, staff: Visitor) -> None:
        await reserved(scene)
        assert "Every payment came to its end" in words(await staff.open(PAGE))
        scene.later(minutes=3)
        page = await staff.open(PAGE)
        assert "Every payment came to its end" not in words(page)
        assert f'href="/console/accounts/{ACCOUNT}"' in page.text and "3 minutes" in words(page)
        assert "Ask whoever runs Seed" in words(page) and CODE_ON_THE_CARD not in page.text

    async def test_names_a_purchase_in_doubt_at_once_with_its_id_what_seed_does_and_what_to_do(
        self, scene: Scene, staff: Visitor
    ) -> None:
        purchase = await bought_in_doubt(scene)
        page = await staff.open(PAGE)
        assert str(purchase.message_id) in page.text and f'href="/console/accounts/{ACCOUNT}"' in page.text
        assert "ZAR 70.00" in words(page).replace("\xa0", " ") or "70.00" in words(page)
        assert "Seed asks Juice again and again" in words(page) and "nothing is charged or credited twice" in words(page)
        await scene.utility.portal.flag_purchase(context(), purchase_id=purchase.purchase_id, reason="doubt-lasts")
        await scene.utility.project()
        assert "Ask Juice's operators for the message id" in words(await staff.open(PAGE))

    async def test_says_of_a_card_whose_doubt_lasts_whom_to_ask(self, scene: Scene, staff: Visitor) -> None:
        card = await reserved(scene)
        ids: dict[str, Any] = {"redemption_id": card.redemption_id, "message_id": card.message_id}
        await scene.utility.portal.send_redemption(context(at=scene.now), **ids)
        await scene.utility.portal.doubt_redemption(context(at=scene.now), **ids, reason="JuiceSilent")
        await scene.utility.portal.flag_redemption(context(at=scene.now), **ids)
        await scene.utility.project()
        assert "Ask Juice's operators for the message id" in words(await staff.open(PAGE))
        await scene.utility.portal.prove_redemption_absent(context(at=scene.now), **ids, rule="CardUsed")
        await scene.utility.project()
        assert "Every payment came to its end" in words(await staff.open(PAGE))

    async def test_sets_apart_what_has_ended_and_is_to_be_settled_by_hand(self, scene: Scene, staff: Visitor) -> None:
        purchase = {"purchase_id": (await bought_in_doubt(scene)).purchase_id}
        vendor = context(at=scene.now, by="system:vendor")
        meter_id = (await scene.utility.portal.find(METER)).meter_id
        await scene.utility.portal.issue_purchase(vendor, **purchase, receipt=receipt("T1", meter_id=meter_id, amount=7000))
        await scene.utility.portal.leave_purchase_uncollected(vendor, **purchase, rule="PaymentNotCapturable")
        await scene.utility.project()
        page = words(await staff.open(PAGE))
        assert "settled by hand" in page and "Collect the amount from the customer" in page
        assert "Every payment came to its end" in page

    async def test_names_a_wallet_that_differed_for_thirty_days(self, scene: Scene, staff: Visitor) -> None:
        await differs(scene, 1234)
        page = await staff.open(PAGE)
        assert "12.34" in words(page) and "No balance differed" not in words(page)
        assert f'href="/console/accounts/{ACCOUNT}"' in page.text
        scene.later(days=29)
        signed_in = await at_the_console(scene, name="later")
        assert "12.34" in words(await signed_in.open(PAGE))
        scene.later(days=2)
        signed_in = await at_the_console(scene, name="latest")
        assert "No balance differed" in words(await signed_in.open(PAGE))

    async def test_goes_on_to_older_differences(self, scene: Scene, staff: Visitor) -> None:
        for balance in range(1, 53):
            await differs(scene, balance)
        first = await staff.open(PAGE)
        assert first.text.count("/console/accounts/") == 50 and "Older differences" in words(first)
        reply = (await scene.get("/attention/differences", token=scene.api_key(Role.STAFF))).json
        second = await staff.open(f"{PAGE}?{urlencode({'differences': reply['next']})}")
        assert second.text.count("/console/accounts/") == 2 and "Older differences" not in words(second)
        for place in ("differences=x", "messages=1.2"):
            assert (await staff.open(f"{PAGE}?{place}")).status_code == 422

    async def test_names_what_a_read_model_leaves_out_and_whose_it_is(self, scene: Scene, staff: Visitor) -> None:
        parked(scene, UUID(int=5))
        page = await staff.open(PAGE)
        assert "KeyError at ArrearsStated" in words(page) and "seed parked retry" in words(page)
        assert "/console/accounts/" not in page.text.replace('href="/console/accounts"', "")
        parked(scene, await account_id(scene, OTHER_ACCOUNT))
        assert f'href="/console/accounts/{OTHER_ACCOUNT}"' in (await staff.open(PAGE)).text

    async def test_names_a_feed_that_is_behind_or_silent(self, scene: Scene, staff: Visitor) -> None:
        scene.juice.unread = frozenset({"usage"})
        page = words(await staff.open(PAGE))
        assert "Usage : behind" in page and "Balances :" not in page
        scene.juice.silent = True
        assert "Balances : Juice did not answer" in words(await staff.open(PAGE))

    async def test_has_a_name_for_every_message(self) -> None:
        kinds = {each.KIND for each in vars(contents).values() if isinstance(each, type) and getattr(each, "KIND", None)}
        assert kinds == set(MESSAGES)


class AMessageThatReachedNobody:
    @pytest.fixture
    def lost(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> list[Undelivered]:
        """What the notifier gave up, in the place of its table."""
        messages: list[Undelivered] = []

        async def listed(*, since: Any, limit: int, before: Any = None) -> list[Undelivered]:
            found = sorted(messages, key=lambda row: (row.ended_at, row.delivery_id), reverse=True)
            return [row for row in found if row.ended_at >= since and (not before or (row.ended_at, row.delivery_id) < before)][
                :limit
            ]

        monkeypatch.setattr(scene, "undelivered", listed)
        return messages

    async def test_is_named_in_plain_words_with_its_account(self, scene: Scene, staff: Visitor, lost: list[Undelivered]) -> None:
        for place in range(3):
            lost.append(
                Undelivered(
                    delivery_id=UUID(int=place),
                    account_id=await account_id(scene),
                    kind="purchase-receipt",
                    channel="email",
                    state="refused",
                    attempts=1,
                    created_at=scene.now,
                    ended_at=scene.now,
                    error="550 5.1.1",
                )
            )
        page = await staff.open(PAGE)
        assert "Receipt of a purchase" in words(page) and "550 5.1.1" in words(page)
        assert f'href="/console/accounts/{ACCOUNT}"' in page.text
        key = scene.api_key(Role.STAFF)
        first = (await scene.get("/attention/messages", token=key, params={"limit": 2})).json
        rest = (await scene.get("/attention/messages", token=key, params={"limit": 2, "before": first["next"]})).json
        assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
        assert (first["items"][0]["account"], first["items"][0]["kind"]) == (ACCOUNT, "purchase-receipt")


class AnybodyElse:
    async def test_is_refused(self, scene: Scene) -> None:
        for role, status in ((Role.OPERATOR, 200), (Role.AUDITOR, 403), (Role.ANALYST, 403)):
            visitor = await at_the_console(scene, role, name=f"some.{role}")
            assert (await visitor.open(PAGE)).status_code == status

    async def test_who_operates_seed_learns_no_account_number(self, scene: Scene) -> None:
        purchase = await bought_in_doubt(scene)
        await differs(scene, 1234)
        page = await (await at_the_console(scene, Role.OPERATOR)).open(PAGE)
        assert str(purchase.message_id) in page.text and "12.34" in words(page)
        assert ACCOUNT not in page.text and "/console/accounts" not in page.text
        key = scene.api_key(Role.OPERATOR)
        (stuck,) = (await scene.get("/attention", token=key)).json["stuck"]
        (difference,) = (await scene.get("/attention/differences", token=key)).json["items"]
        assert stuck["account"] is None and difference["account"] is None


class TheApi:
    async def test_tells_the_same(self, scene: Scene) -> None:
        purchase = await bought_in_doubt(scene)
        parked(scene, await account_id(scene))
        scene.juice.unread = frozenset({"usage"})
        told = (await scene.get("/attention", token=scene.api_key(Role.STAFF))).json
        (stuck,) = told["stuck"]
        assert (stuck["account"], stuck["payment"]["message_id"]) == (ACCOUNT, str(purchase.message_id))
        assert {"name": "usage", "state": "behind"} in told["feeds"] and told["by_hand"] == [] and not told["more"]
        assert [(each["account"], each["read_model"]) for each in told["left_out"]] == [(ACCOUNT, "arrears")]

    async def test_gives_differences_a_page_at_a_time(self, scene: Scene) -> None:
        for balance in (1, 2, 3):
            await differs(scene, balance)
        key = scene.api_key(Role.STAFF)
        first = (await scene.get("/attention/differences", token=key, params={"limit": 2})).json
        rest = (await scene.get("/attention/differences", token=key, params={"limit": 2, "before": first["next"]})).json
        assert [each["juice_balance"] for each in [*first["items"], *rest["items"]]] == [3, 2, 1] and rest["next"] is None
        for what in ("differences", "messages"):
            assert (await scene.get(f"/attention/{what}", token=key, params={"before": "x"})).status_code == 422

    async def test_of_one_utility_tells_nothing_of_another(self, utility: OpenUtility, other_utility: OpenUtility) -> None:
        async with played(utility, other_utility) as two:
            await bought_in_doubt(two)
            await differs(two, 1234)
            parked(two, await account_id(two))
            theirs = {"token": two.api_key(Role.STAFF, "other"), "host": "other.example"}
            told = (await two.get("/attention", **theirs)).json
            assert told["stuck"] == [] == told["left_out"]
            assert (await two.get("/attention/differences", **theirs)).json["items"] == []
            assert (await two.get("/attention", token=theirs["token"])).status_code == 403
