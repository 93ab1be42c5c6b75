from __future__ import annotations

from datetime import timedelta

from domain.event import CATALOGUE
from tests.domain.scenario import NOON
from tests.web.scene import ACCOUNT, Scene
from web.access.roles import Role
from web.journeys.history import WITHHELD


class AnAuditor:
    async def test_reads_all_that_happened_to_an_account(self, scene: Scene) -> None:
        reply = await scene.get(f"/accounts/{ACCOUNT}/history", token=scene.api_key(Role.AUDITOR))
        topics = [each["topic"] for each in reply.json["events"]]
        assert "account-opened" in topics and "wallet-opened" in topics and "password-chosen" in topics
        positions = [each["position"] for each in reply.json["events"]]
        assert positions == sorted(positions)
        assert reply.json["events"][0]["event"]["by"] == "juice"

    async def test_reads_it_as_of_any_moment(self, scene: Scene) -> None:
        key = scene.api_key(Role.AUDITOR)
        before = {"as_of": (NOON - timedelta(seconds=1)).isoformat()}
        assert (await scene.get(f"/accounts/{ACCOUNT}/history", token=key, params=before)).json["events"] == []

    async def test_sees_no_hash_of_a_password(self, scene: Scene) -> None:
        reply = await scene.get(f"/accounts/{ACCOUNT}/history", token=scene.api_key(Role.AUDITOR))
        assert "keyed:" not in reply.text and "slow:" not in reply.text

    async def test_is_told_of_an_unknown_number(self, scene: Scene) -> None:
        key = scene.api_key(Role.AUDITOR)
        assert (await scene.get("/accounts/99999999/history", token=key)).status_code == 404
        assert (await scene.get("/accounts/@/history", token=key)).status_code == 422


class ARevokedKey:
    async def test_opens_nothing(self, scene: Scene) -> None:
        key = scene.api_key(Role.AUDITOR)
        async with scene.utility.pool.connection() as connection:
            await connection.execute("UPDATE seed.api_keys SET revoked_at = now()")
        assert (await scene.get(f"/accounts/{ACCOUNT}/history", token=key)).status_code == 401

    async def test_nor_an_open_one_is_kept_in_the_clear(self, scene: Scene) -> None:
        key = scene.api_key(Role.STAFF)
        async with scene.utility.pool.connection() as connection:
            rows = await (await connection.execute("SELECT k::text FROM seed.api_keys k")).fetchall()
        assert rows and key not in str(rows) and key.encode().hex() not in str(rows)


def test_what_is_withheld_from_histories_exists() -> None:
    fields = {name for event in CATALOGUE.values() for name in event.__struct_fields__}
    assert fields >= WITHHELD
