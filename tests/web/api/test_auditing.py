from __future__ import annotations

from datetime import timedelta

from domain.event import CATALOGUE
from projections.replay import WITHHELD
from tests.domain.scenario import NOON, context, nothing_begun
from tests.projections.lives import buy, live
from tests.web.scene import ACCOUNT, Scene
from web.access.roles import Role


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

    async def test_is_told_what_each_event_changed(self, scene: Scene) -> None:
        reply = await scene.get(f"/accounts/{ACCOUNT}/history", token=scene.api_key(Role.AUDITOR))
        described = {each["topic"]: each for each in reply.json["events"]}
        opened = {c["field"]: (c["before"], c["after"]) for c in described["account-opened"]["changes"]}
        assert described["account-opened"]["aggregate"] == "Account"
        assert opened["number"] == ("", ACCOUNT)
        chosen = {c["field"]: (c["before"], c["after"]) for c in described["password-chosen"]["changes"]}
        assert chosen["credentials.version"] == (1, 2)

    async def test_reads_what_became_of_cards_and_purchases(self, scene: Scene) -> None:
        await live(scene.utility.portal, "1005")
        await buy(scene.utility.portal, "1005")
        await scene.utility.project()
        key = scene.api_key(Role.AUDITOR)
        events = (await scene.get("/accounts/1005/history", token=key, params={"limit": 1000})).json["events"]
        stages = {e["topic"]: c["after"] for e in events for c in e["changes"] if c["field"] == "stage"}
        assert (stages["redemption-settled"], stages["purchase-captured"]) == ("redeemed", "captured")
        then = (await scene.get("/accounts/1005/state", token=key)).json["aggregates"]
        assert {each["state"]["stage"] for each in then if each["aggregate"] == "Purchase"} == {"captured"}

    async def test_reads_long_histories_a_page_at_a_time(self, scene: Scene) -> None:
        key, path = scene.api_key(Role.AUDITOR), f"/accounts/{ACCOUNT}/history"
        whole = (await scene.get(path, token=key)).json["events"]
        paged, after = [], "0"
        while after is not None:
            reply = (await scene.get(path, token=key, params={"limit": 3, "after": after})).json
            paged, after = paged + reply["events"], reply["next"]
        assert paged[: len(whole)] == whole, "each page says the same of an event as the whole does"

    async def test_reads_what_an_account_had_come_to_at_a_position(self, scene: Scene) -> None:
        key = scene.api_key(Role.AUDITOR)
        first = (await scene.get(f"/accounts/{ACCOUNT}/history", token=key)).json["events"][0]["position"]
        then = (await scene.get(f"/accounts/{ACCOUNT}/state", token=key, params={"until": first})).json
        (account,) = then["aggregates"]
        assert (then["last_position"], account["aggregate"], account["version"]) == (first, "Account", 1)
        assert (account["state"]["number"], account["state"]["meters"]) == (ACCOUNT, {})
        now = (await scene.get(f"/accounts/{ACCOUNT}/state", token=key)).json
        assert {each["aggregate"] for each in now["aggregates"]} >= {"Account", "Wallet", "AuditTrail"}

    async def test_leaves_a_trace_of_each_reading_in_the_history_itself(self, scene: Scene) -> None:
        key = scene.api_key(Role.AUDITOR)
        await scene.get(f"/accounts/{ACCOUNT}/state", token=key, params={"case": "AUDIT-2026/17"})
        events = (await scene.get(f"/accounts/{ACCOUNT}/history", token=key)).json["events"]
        read = [(e["event"]["by"], e["event"]["what"], e["event"]["case"]) for e in events if e["topic"] == "history-read"]
        assert read == [("auditor:some auditor", "state", "AUDIT-2026/17"), ("auditor:some auditor", "history", None)]

    async def test_cannot_write_a_story_into_the_case(self, scene: Scene) -> None:
        params = {"case": "because <b>Ann</b> asked"}
        reply = await scene.get(f"/accounts/{ACCOUNT}/history", token=scene.api_key(Role.AUDITOR), params=params)
        assert (reply.status_code, list(reply.json["errors"])) == (422, ["case"])

    async def test_reads_of_a_person_who_was_forgotten_too(self, scene: Scene) -> None:
        found = await scene.utility.portal.find(ACCOUNT)
        await scene.utility.portal.forget_person(context(by="staff:ann"), account_id=found.account_id, begun=nothing_begun)
        reply = await scene.get(f"/accounts/{ACCOUNT}/state", token=scene.api_key(Role.AUDITOR))
        assert reply.json["aggregates"][0]["state"]["name"] == "[forgotten]"

    async def test_sees_no_hash_of_a_password(self, scene: Scene) -> None:
        reply = await scene.get(f"/accounts/{ACCOUNT}/history", token=scene.api_key(Role.AUDITOR))
        state = await scene.get(f"/accounts/{ACCOUNT}/state", token=scene.api_key(Role.AUDITOR))
        assert "keyed:" not in reply.text + state.text and "slow:" not in reply.text + state.text

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
