"""An ambiguous purchase: staff chooses the transaction that it is, or says that none is, on the console or over the API."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.commands.purchases import Requested
from domain.purchase import Flag, Stage
from tests.domain.scenario import context
from tests.projections.lives import receipt
from tests.web.console.payments import bought_in_doubt
from tests.web.people import Somebody
from tests.web.scene import ACCOUNT, METER, Scene
from tests.web.visitor import Visitor, words
from web.access.roles import Role

REASON = "The operator looked it up"
NOBODY = "019b7655-0000-7000-8000-0000000000aa"


@pytest.fixture
async def staff(scene: Scene, visitor: Visitor, ann: Somebody) -> Visitor:
    """Ann, who is signed in."""
    await ann.sign_in(visitor)
    return visitor


@pytest.fixture
async def purchase(scene: Scene) -> Requested:
    """A purchase for which two transactions fit, which Juice's feed has told of."""
    bought = await bought_in_doubt(scene)
    portal = scene.utility.portal
    meter_id = (await portal.find(METER)).meter_id
    told = [
        ("Cash-CC", msgspec.structs.replace(receipt(number, meter_id=meter_id, amount=7000), happened_at=scene.now))
        for number in ("T71", "T72")
    ]
    await portal.learn_transactions(context(at=scene.now, by="juice"), account_number=ACCOUNT, transactions=told)
    await portal.flag_purchase(context(at=scene.now), purchase_id=bought.purchase_id, reason="ambiguous")
    await scene.utility.project()
    return bought


def page_of(purchase: Requested) -> str:
    return f"/console/purchases/{purchase.purchase_id}"


async def stage(scene: Scene, purchase: Requested) -> Stage:
    return (await scene.utility.portal.purchase(purchase.purchase_id)).stage


class OnTheConsole:
    async def test_is_named_among_what_is_to_be_looked_at_with_a_link(self, staff: Visitor, purchase: Requested) -> None:
        page = await staff.open("/console/attention")
        assert f'href="{page_of(purchase)}"' in page.text and "cannot be told" in words(page)

    @pytest.mark.parametrize("reason", ["doubt-lasts", "authorisation-ends"])
    async def test_keeps_its_link_whatever_else_there_is_to_say(
        self, scene: Scene, staff: Visitor, purchase: Requested, reason: Flag
    ) -> None:
        await scene.utility.portal.flag_purchase(context(at=scene.now), purchase_id=purchase.purchase_id, reason=reason)
        await scene.utility.project()
        assert f'href="{page_of(purchase)}"' in (await staff.open("/console/attention")).text

    async def test_is_settled_by_the_transaction_that_is_chosen(self, scene: Scene, staff: Visitor, purchase: Requested) -> None:
        page = await staff.open(page_of(purchase))
        assert "T71" in words(page) and "T72" in words(page) and str(purchase.message_id) in page.text
        settled = await staff.send(page_of(purchase), transaction="T72", reason=REASON)
        assert "on record with your name and reason" in words(settled) and "Settle it" not in words(settled)
        found = await scene.utility.portal.purchase(purchase.purchase_id)
        assert (found.stage, found.juice_number) == (Stage.ISSUED, "T72")
        assert "Nothing is to be decided here" in words(await staff.open(page_of(purchase)))

    async def test_is_settled_as_none_once_nothing_can_arrive_any_more(
        self, scene: Scene, staff: Visitor, purchase: Requested
    ) -> None:
        early = await staff.send(page_of(purchase), transaction="none", reason=REASON)
        assert early.status_code == 409 and "may still arrive" in words(early) and REASON in early.text
        scene.later(minutes=16)
        settled = await staff.send(page_of(purchase), transaction="none", reason=REASON)
        assert "staff found out that Juice sold nothing for it" in words(settled)
        assert await stage(scene, purchase) is Stage.PROVEN_ABSENT

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"transaction": ""}, "Choose the transaction that it is"),
            ({"reason": " "}, "Write down how you know"),
            ({"reason": "x" * 501}, "at most 500 characters"),
            ({"transaction": "T99"}, "another meter, amount or time"),
        ],
    )
    async def test_keeps_what_was_typed_where_it_is_refused(
        self, scene: Scene, staff: Visitor, purchase: Requested, typed: dict[str, str], said: str
    ) -> None:
        page = await staff.send(page_of(purchase), **{"transaction": "T71", "reason": REASON} | typed)
        assert page.status_code == 422 and said in words(page)
        assert await stage(scene, purchase) is Stage.IN_DOUBT

    @pytest.mark.parametrize("purchase_id", [NOBODY, "x"])
    async def test_is_not_found_where_there_is_none(self, staff: Visitor, purchase_id: str) -> None:
        assert (await staff.open(f"/console/purchases/{purchase_id}")).status_code == 404


class TheCustomersPage:
    async def test_says_that_somebody_finds_out_and_then_what_they_found(
        self, scene: Scene, staff: Visitor, purchase: Requested
    ) -> None:
        customer = Visitor(scene)
        await customer.log_in()
        page = await customer.open(f"/purchases/{purchase.purchase_id}")
        assert "somebody of the utility finds out by hand" in words(page) and "We keep asking" not in words(page)
        scene.later(minutes=16)
        await staff.send(page_of(purchase), transaction="none", reason=REASON)
        await scene.utility.project()
        assert "the utility found out that nothing was issued" in words(await customer.open(f"/purchases/{purchase.purchase_id}"))


class OverTheApi:
    async def test_is_shown_with_its_candidates_and_settled_by_one(self, scene: Scene, purchase: Requested) -> None:
        path, key = f"/purchases/{purchase.purchase_id}", scene.api_key(Role.STAFF)
        told: Any = (await scene.get(f"{path}/candidates", token=key)).json
        assert ([each["transaction"] for each in told["candidates"]], told["is_open"]) == (["T71", "T72"], True)
        decision = {"transaction": "T71", "reason": REASON}
        assert (await scene.post(f"{path}/decision", decision, token=key)).status_code == 200
        assert await stage(scene, purchase) is Stage.ISSUED
        again = await scene.post(f"{path}/decision", decision, token=key)
        assert (again.status_code, again.json["rule"]) == (409, "NothingToDecide")

    async def test_is_not_settled_by_what_is_not_its_transaction(self, scene: Scene, purchase: Requested) -> None:
        path, key = f"/purchases/{purchase.purchase_id}/decision", scene.api_key(Role.STAFF)
        refused = await scene.post(path, {"transaction": "T99", "reason": REASON}, token=key)
        assert (refused.status_code, refused.json["rule"]) == (422, "NotATransactionOfIt")
        missing = await scene.post(path, {"transaction": "T71"}, token=key)
        assert missing.status_code == 422 and "reason" in missing.json["errors"]
