from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.domain.scenario import NOON
from tests.projections.lives import receipt
from tests.web.api.test_me import JUICE, filled
from tests.web.scene import ACCOUNT, OTHER_ACCOUNT, Scene


class Activity:
    async def test_is_read_page_by_page_without_gap_or_double(self, scene: Scene) -> None:
        token = await filled(scene)
        seen: list[str] = []
        query = "limit=3"
        while True:
            page: dict[str, Any] = (await scene.get("/me/activity", token=token, query_string=query)).json
            seen += [item["juice_number"] for item in page["items"]]
            if page["next"] is None:
                break
            query = f"limit=3&before={page['next']}"
        assert seen == [f"T{n}" for n in range(7)]

    async def test_can_begin_at_a_moment(self, scene: Scene) -> None:
        token = await filled(scene)
        since = (NOON - timedelta(minutes=2)).isoformat()
        page = (await scene.get("/me/activity", token=token, params={"since": since})).json
        assert [item["juice_number"] for item in page["items"]] == ["T0", "T1", "T2"]

    async def test_can_be_of_one_kind(self, scene: Scene) -> None:
        token = await filled(scene)
        credit = receipt("C1", change=100, minutes=1)
        await scene.utility.portal.learn_transactions(JUICE, account_number=ACCOUNT, transactions=[("Credit", credit)])
        await scene.utility.project()
        page = (await scene.get("/me/activity", token=token, params={"kind": "Credit"})).json
        assert [item["juice_number"] for item in page["items"]] == ["C1"]
        refused = await scene.get("/me/activity", token=token, params={"kind": "Barter"})
        assert refused.status_code == 422 and "Cash-CC" in refused.json["errors"]["kind"][0]

    async def test_refuses_a_cursor_that_is_none(self, scene: Scene) -> None:
        token = await scene.log_in()
        for cursor in ("x", "A" * 22, "_" * 22, "ü", "A" * 100):
            reply = await scene.get("/me/activity", token=token, params={"before": cursor})
            assert reply.status_code in (200, 422), cursor
            assert reply.status_code == 422 or cursor == "A" * 22


class AReceipt:
    async def test_is_found_by_its_number(self, scene: Scene) -> None:
        token = await filled(scene)
        found = await scene.get("/me/receipts/T3", token=token)
        assert found.json["juice_number"] == "T3" and found.json["tokens"][0]["digits"] == "12345678901234567890"
        assert [line["kind"] for line in found.json["lines"]] == ["energy", "tax"]

    async def test_is_the_own_accounts_only(self, scene: Scene) -> None:
        token = await filled(scene)
        own = receipt("T3", change=7)  # another account may have been told of under the same number
        for number, told in ((OTHER_ACCOUNT, own), (OTHER_ACCOUNT, receipt("O1", change=100))):
            await scene.utility.portal.learn_transactions(JUICE, account_number=number, transactions=[("Cash", told)])
        await scene.utility.project()
        assert (await scene.get("/me/receipts/O1", token=token)).status_code == 404
        assert (await scene.get("/me/receipts/T3", token=token)).json["wallet_change"] == 100
        assert (await scene.get("/me/receipts/T3", token=await scene.log_in(OTHER_ACCOUNT))).json["wallet_change"] == 7
        assert (await scene.get("/me/receipts/T3", token=token, host="other.example")).status_code == 401

    async def test_of_no_possible_number_is_not_found(self, scene: Scene) -> None:
        token = await scene.log_in()
        for number in ("nothing", "T3%00", "%C3%BC", "9" * 200, "T3%0A", "%20"):
            assert (await scene.get(f"/me/receipts/{number}", token=token)).status_code == 404, number
