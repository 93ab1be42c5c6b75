"""How much or how little a customer is contacted, over the API."""

from __future__ import annotations

from typing import Any

import pytest

from domain.account import Account
from domain.clock import Clock
from tests.domain.scenario import context
from tests.web.scene import ACCOUNT, OTHER_ACCOUNT, Scene


async def account(scene: Scene, number: str = ACCOUNT) -> Account:
    portal = scene.utility.portal
    return await portal.account((await portal.find(number)).account_id)


class TheClock:
    async def test_of_who_never_chose_is_the_usual_one(self, scene: Scene) -> None:
        clock = (await scene.get("/me/clock", token=await scene.log_in())).json
        assert (clock["pace"], clock["under_days"], clock["quiet_from"], clock["quiet_until"]) == (
            "usual",
            [3, 2, 1],
            "21:00",
            "07:00",
        )
        assert clock["zone"] == "Africa/Johannesburg"
        assert [(each["channel"], each["muted"]) for each in clock["contacts"]] == [("email", False), ("sms", False)]

    async def test_is_set_and_read_again(self, scene: Scene) -> None:
        token = await scene.log_in()
        sms = (await scene.get("/me/clock", token=token)).json["contacts"][1]["contact_id"]
        reply = await scene.put(
            "/me/clock", {"pace": "least", "quiet_from": "22:15", "quiet_until": "6.00", "muted": [sms]}, token=token
        )
        assert reply.status_code == 200 and reply.json["position"] > 0
        clock = (await scene.get("/me/clock", token=token)).json
        assert (clock["pace"], clock["quiet_from"], clock["quiet_until"]) == ("least", "22:15", "06:00")
        assert [each["muted"] for each in clock["contacts"]] == [False, True]

    async def test_that_is_set_as_it_is_writes_nothing(self, scene: Scene) -> None:
        token = await scene.log_in()
        asked = {"pace": "often", "quiet_from": None, "quiet_until": None}
        await scene.put("/me/clock", asked, token=token)
        version = (await account(scene)).version
        assert (await scene.put("/me/clock", asked, token=token)).status_code == 200
        assert ((await account(scene)).version, (await account(scene)).clock) == (version, Clock(pace="often", quiet=None))

    @pytest.mark.parametrize(
        ("asked", "field"),
        [
            ({}, "pace"),
            ({"pace": "hourly"}, "pace"),
            ({"pace": 3}, "pace"),
            ({"pace": "less", "quiet_from": "21:00"}, "quiet_until"),
            ({"pace": "less", "quiet_until": "21:00"}, "quiet_from"),
            ({"pace": "less", "quiet_from": "24:00", "quiet_until": "07:00"}, "quiet_from"),
            ({"pace": "less", "quiet_from": "21:00", "quiet_until": "7 a.m."}, "quiet_until"),
            ({"pace": "less", "quiet_from": "21:00", "quiet_until": "21:00"}, "quiet_until"),
            ({"pace": "less", "muted": ["mine"]}, "muted"),
            ({"pace": "less", "muted": "all"}, "muted"),
            ({"pace": "less", "volume": 11}, "volume"),
        ],
    )
    async def test_that_cannot_be_is_refused_with_the_fields_name(self, scene: Scene, asked: dict[str, Any], field: str) -> None:
        reply = await scene.put("/me/clock", asked, token=await scene.log_in())
        assert (reply.status_code, list(reply.json["errors"])) == (422, [field])

    async def test_mutes_no_contact_of_another_account(self, scene: Scene) -> None:
        stranger = next(iter((await account(scene, OTHER_ACCOUNT)).contacts))
        reply = await scene.put("/me/clock", {"pace": "less", "muted": [str(stranger)]}, token=await scene.log_in())
        assert (reply.status_code, reply.json["rule"]) == (422, "ContactUnknown")

    async def test_set_from_an_issued_passwords_session_goes_with_the_issue(self, scene: Scene) -> None:
        owner = await scene.log_in()
        await scene.put("/me/clock", {"pace": "often"}, token=owner)
        reply = await scene.post("/session", {"number": ACCOUNT, "password": await scene.issued_password()})
        await scene.put("/me/clock", {"pace": "least", "quiet_from": "0:00", "quiet_until": "23:59"}, token=reply.json["token"])
        mine = await account(scene)
        assert mine.clock.pace == "least"
        issue_id = next(issue.issue_id for issue in mine.credentials.issues.values() if issue.used)
        await scene.utility.portal.undo_issue(context(at=scene.now), account_id=mine.id, issue_id=issue_id)
        assert (await account(scene)).clock == Clock(pace="often", quiet=None)

    async def test_is_nobodys_without_a_login(self, scene: Scene) -> None:
        assert (await scene.get("/me/clock")).status_code == 401
        assert (await scene.put("/me/clock", {"pace": "less"})).status_code == 401
