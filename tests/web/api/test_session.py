from __future__ import annotations

import pytest

from tests.web.access.unjudged import REASONS, stopped_by
from tests.web.scene import ACCOUNT, METER, OWN_PASSWORD, Scene
from web.access.limits import LOGINS
from web.access.passwords import PasswordsBusy


class ALogIn:
    async def test_opens_by_account_or_meter_number_however_it_is_spaced(self, scene: Scene) -> None:
        for number in (ACCOUNT, METER, f" {ACCOUNT[:4]} {ACCOUNT[4:]}", f"{METER[:3]}-{METER[3:]}"):
            reply = await scene.post("/session", {"number": number, "password": OWN_PASSWORD})
            assert reply.status_code == 201
            me = await scene.get("/me", token=reply.json["token"])
            assert me.json["number"] == ACCOUNT

    async def test_says_the_same_of_a_wrong_password_and_an_unknown_number(self, scene: Scene) -> None:
        wrong = await scene.post("/session", {"number": ACCOUNT, "password": "wrong"})
        unknown = await scene.post("/session", {"number": "99999999", "password": "wrong"})
        assert wrong.status_code == unknown.status_code == 401
        assert {**wrong.json, "request_id": ""} == {**unknown.json, "request_id": ""}

    async def test_forgives_the_space_that_a_phone_puts_behind_a_word(self, scene: Scene) -> None:
        middle = len(OWN_PASSWORD) // 2
        within = f"{OWN_PASSWORD[:middle]} {OWN_PASSWORD[middle:]}"
        for typed, status in ((f"{OWN_PASSWORD} ", 201), (f" {OWN_PASSWORD}", 201), (within, 401)):
            assert (await scene.post("/session", {"number": ACCOUNT, "password": typed})).status_code == status, typed

    async def test_slows_down_after_ten_failures_for_known_and_unknown_numbers_alike(self, scene: Scene) -> None:
        for number in (ACCOUNT, "99999999"):
            for _ in range(11):
                assert (await scene.post("/session", {"number": number, "password": "wrong"})).status_code == 401
            refused = await scene.post("/session", {"number": number, "password": OWN_PASSWORD})
            assert refused.status_code == 429
            assert int(refused.headers["Retry-After"]) == 2

    async def test_counts_an_account_number_and_its_meters_as_one(self, scene: Scene) -> None:
        for place in range(11):
            number = (ACCOUNT, METER)[place % 2]
            assert (await scene.post("/session", {"number": number, "password": "wrong"})).status_code == 401
        for number in (ACCOUNT, METER):
            assert (await scene.post("/session", {"number": number, "password": OWN_PASSWORD})).status_code == 429

    async def test_is_never_locked_out_for_ever(self, scene: Scene) -> None:
        for _ in range(40):
            await scene.post("/session", {"number": ACCOUNT, "password": "wrong"})
            scene.later(minutes=16)
        assert (await scene.post("/session", {"number": ACCOUNT, "password": OWN_PASSWORD})).status_code == 201

    @pytest.mark.parametrize("reason", REASONS)
    @pytest.mark.parametrize("password", [OWN_PASSWORD, f"{OWN_PASSWORD} "])
    async def test_does_not_count_where_nobody_looked_at_the_password(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch, reason: type[Exception], password: str
    ) -> None:
        with monkeypatch.context() as many_at_once:
            many_at_once.setattr(scene.utility.portal.passwords, "matches", stopped_by(reason))
            for _ in range(LOGINS.most + 1):
                reply = await scene.post("/session", {"number": ACCOUNT, "password": password})
                assert reply.status_code == 503 and int(reply.headers["Retry-After"]) > 0
        assert (await scene.post("/session", {"number": ACCOUNT, "password": password})).status_code == 201

    async def test_counts_where_the_password_was_wrong_before_a_busy_one(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(10):
            await scene.post("/session", {"number": ACCOUNT, "password": "wrong"})
        with monkeypatch.context() as many_at_once:
            many_at_once.setattr(scene.utility.portal.passwords, "matches", stopped_by(PasswordsBusy))
            await scene.post("/session", {"number": ACCOUNT, "password": "wrong"})
        assert (await scene.post("/session", {"number": ACCOUNT, "password": "wrong"})).status_code == 401
        assert (await scene.post("/session", {"number": ACCOUNT, "password": OWN_PASSWORD})).status_code == 429

    async def test_with_an_issued_password_is_not_held_up_by_a_strangers_failures(self, scene: Scene) -> None:
        issued = await scene.issued_password()
        for _ in range(12):
            await scene.post("/session", {"number": ACCOUNT, "password": "wrong"})
        assert (await scene.post("/session", {"number": ACCOUNT, "password": issued})).status_code == 201

    async def test_from_a_device_that_was_here_before_is_not_held_up_either(self, scene: Scene) -> None:
        from web.journeys import devices
        from web.journeys.visit import Visit

        account_id = (await scene.utility.portal.find(ACCOUNT)).account_id
        made = devices.make(
            Visit(
                services=_Bundle(scene),
                sessions=None,
                people=None,
                throttles=None,
                queues=None,
                rendered=None,
                offered_addresses=None,
                clock=scene.clock,
                randomness=bytes,  # type: ignore[arg-type]
                correlation_id=account_id,
                source="",
            ),
            str(account_id),
        )
        for _ in range(12):
            await scene.post("/session", {"number": ACCOUNT, "password": "wrong"})
        cookie = {"Cookie": f"__Host-seed-device={made}"}
        assert (await scene.post("/session", {"number": ACCOUNT, "password": OWN_PASSWORD})).status_code == 429
        reply = await scene.post("/session", {"number": ACCOUNT, "password": OWN_PASSWORD}, headers=cookie)
        assert reply.status_code == 201


class _Bundle:
    def __init__(self, scene: Scene) -> None:
        self.secrets = scene.utility.secrets


class ASession:
    async def test_ends_on_the_server_with_the_log_out(self, scene: Scene) -> None:
        token = await scene.log_in()
        assert (await scene.delete("/session", token=token)).status_code == 204
        assert (await scene.get("/me", token=token)).status_code == 401

    async def test_ends_when_the_password_changes_elsewhere(self, scene: Scene) -> None:
        token = await scene.log_in()
        portal = scene.utility.portal
        account_id = (await portal.find(ACCOUNT)).account_id
        from tests.domain.scenario import context

        await portal.choose_password(context(), account_id=account_id, current=OWN_PASSWORD, chosen="another one", via_issue=None)
        assert (await scene.get("/me", token=token)).status_code == 401

    async def test_ends_after_two_idle_hours_and_after_a_day(self, scene: Scene) -> None:
        idle, used = await scene.log_in(), await scene.log_in()
        for _ in range(23):
            scene.later(hours=1)
            assert (await scene.get("/me", token=used)).status_code == 200
        assert (await scene.get("/me", token=idle)).status_code == 401
        scene.later(hours=1)
        assert (await scene.get("/me", token=used)).status_code == 401

    async def test_opens_its_own_utility_only(self, scene: Scene) -> None:
        token = await scene.log_in()
        assert (await scene.get("/me", token=token, host="other.example")).status_code == 401

    async def test_is_kept_as_a_hash_only(self, scene: Scene) -> None:
        token = await scene.log_in()
        async with scene.utility.pool.connection() as connection:
            rows = await (await connection.execute("SELECT s::text FROM seed.sessions s")).fetchall()
        assert rows and token not in str(rows) and token.encode().hex() not in str(rows)
