from __future__ import annotations

from datetime import date, timedelta

from domain.usage import Reading
from tests.domain.scenario import context
from tests.web.api.test_me import filled
from tests.web.scene import METER, OTHER_ACCOUNT, Scene


class Usage:
    async def test_is_given_for_the_days_asked_for(self, scene: Scene) -> None:
        token = await filled(scene)
        assert len((await scene.get("/me/usage?days=7", token=token)).json["meters"][0]["days"]) == 6
        assert len((await scene.get("/me/usage?days=92", token=token)).json["meters"][0]["days"]) == 40


class Months:
    async def test_are_the_last_thirteen_and_compared_with_the_year_before(self, scene: Scene) -> None:
        days = [Reading(date(2025, 1, 1) + timedelta(days=n), 4000 if n < 365 else 5000) for n in range(425)]
        await scene.utility.portal.learn_usage(context(by="juice"), meter_number=METER, readings=days)
        await scene.utility.project()
        token = await scene.log_in()  # on 2 March 2026
        (meter,) = (await scene.get("/me/usage/months", token=token)).json["meters"]
        assert [each["month"] for each in meter["months"]][:2] == ["2026-03-01", "2026-02-01"]
        assert len(meter["months"]) == 13 and meter["months"][-1]["month"] == "2025-03-01"
        march, february, january = meter["months"][:3]
        assert (march["days_known"], march["units"], march["than_before"]) == (1, "5", None)
        assert (february["units"], february["average"]) == ("140", "5")
        assert (february["than_before"], february["than_last_year"]) == (0, 25)
        assert (january["than_before"], january["than_last_year"]) == (25, 25)
        assert (meter["number"], meter["unit"], meter["resource"]) == (METER, "kWh", "electricity")

    async def test_may_be_fewer(self, scene: Scene) -> None:
        token = await filled(scene)
        (meter,) = (await scene.get("/me/usage/months?months=2", token=token)).json["meters"]
        assert [each["month"] for each in meter["months"]] == ["2026-03-01", "2026-02-01"]
        assert (await scene.get("/me/usage/months?months=0", token=token)).status_code == 422

    async def test_of_others_are_not_ones_own(self, scene: Scene) -> None:
        await filled(scene)
        assert (await scene.get("/me/usage/months", token=await scene.log_in(OTHER_ACCOUNT))).json == {"meters": []}
