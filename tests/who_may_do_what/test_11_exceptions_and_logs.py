"""Every exception: a generic problem+json, no stack, no credit. Logs are JSON and can't be injected."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from tests.web.scene import CODE, METER, SERIAL, Scene

FORGED = 'x\r\n{"event": "signed in", "level": "info", "person": "ann"}\x1b[2J\u2028'


class AFault:
    @pytest.mark.parametrize("where", ["find", "creditable_meter", "reserve_redemption"])
    async def test_in_the_middle_of_a_redemption_credits_nothing_and_tells_nothing(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch, where: str
    ) -> None:
        async def broken(*arguments: Any, **named: Any) -> Any:
            raise RuntimeError(f"secret detail: {CODE}")

        before = await _written(scene)
        body, headers = {"serial": SERIAL, "code": CODE, "number": METER}, {"Idempotency-Key": "key-of-a-fault"}
        with monkeypatch.context() as patched, structlog.testing.capture_logs() as logs:
            patched.setattr(scene.utility.portal, where, broken)
            reply = await scene.post("/redemptions", body, headers=headers)
        assert (reply.status_code, reply.headers["content-type"]) == (500, "application/problem+json")
        assert set(reply.json) == {"type", "title", "status", "detail", "rule", "request_id"}
        told = reply.text + str(logs)
        assert CODE not in told and "secret detail" not in told and "Traceback" not in reply.text
        assert await _written(scene) == before
        again = await scene.post("/redemptions", body, headers=headers)
        assert again.status_code == 202, "under the same key it may be tried again"


class ALogOfRequests:
    async def test_holds_nothing_that_whoever_asks_could_forge(self, scene: Scene) -> None:
        names = {
            "User-Agent": "forged agent",
            "X-Request-Id": "forged id",
            "X-Forwarded-For": "forged source",
            "Referer": "forged",
        }
        with structlog.testing.capture_logs() as logs:
            reply = await scene.post("/session", {"number": FORGED, "password": FORGED}, headers=names)
            await scene.get("/redemptions/forged", params={"at_least": FORGED})
            await scene.client.simulate_post("/console/sign-in", body="name=forged%0d%0aname&password=p&code=1", headers=FORM)
        assert reply.status_code == 422 and reply.headers["x-request-id"] != "forged id"
        assert logs and "forged" not in str(logs) and "signed in" not in str(logs)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def _written(scene: Scene) -> int:
    async with scene.utility.pool.connection() as connection:
        row = await (await connection.execute("SELECT count(*) FROM u_test.events")).fetchone()
    assert row is not None
    return int(row[0])
