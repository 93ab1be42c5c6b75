"""What operators' machines are told: alive, ready, and in figures."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import UUID

import psycopg
from falcon.testing import Result
from psycopg import sql

from eventlog.embedded import EmbeddedServer
from tests.domain.scenario import context
from tests.web.api.test_health import frozen
from tests.web.scene import Scene
from web.access.roles import Role


async def ask(scene: Scene, path: str, token: str | None = None) -> Result:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await scene.client.simulate_get(path, headers=headers, host="test.example")


def figures(reply: Result) -> dict[str, float]:
    found = re.findall(r"^(seed_\S+) (\S+)$", reply.text, re.MULTILINE)
    return {name: float(value) for name, value in found}


class Readiness:
    async def test_tells_how_far_the_read_models_are(self, scene: Scene) -> None:
        reply = await ask(scene, "/readyz")
        assert reply.status_code == 200
        assert reply.json == {"status": "ready", "position": reply.json["position"], "behind": 0, "parked": 0}
        assert reply.json["position"] > 0

    async def test_names_what_is_parked(self, scene: Scene) -> None:
        statement = sql.SQL("INSERT INTO {} VALUES ('dashboard', gen_random_uuid(), 7, 'KeyError at AccountOpened')").format(
            sql.Identifier(scene.utility.schema, "parked")
        )
        with psycopg.connect(scene.utility.dsn, autocommit=True) as connection:
            connection.execute(statement)
        reply = await ask(scene, "/readyz")
        assert (reply.json["status"], reply.json["parked"]) == ("parked", 1)

    async def test_ends_soon_after_the_database_froze_while_the_process_stays_alive(
        self, scene: Scene, shared_server: EmbeddedServer
    ) -> None:
        await ask(scene, "/readyz")
        with frozen(shared_server):
            async with asyncio.timeout(6):
                ready, live = await asyncio.gather(ask(scene, "/readyz"), ask(scene, "/healthz"))
        assert (ready.status_code, ready.json, ready.headers["Retry-After"]) == (503, {"status": "database away"}, "1")
        assert (live.status_code, live.json) == (200, {"status": "ok"})

    async def test_is_not_disturbed_by_what_was_skipped(self, scene: Scene) -> None:
        await leave_out_and_skip(scene)
        reply = await ask(scene, "/readyz")
        assert (reply.json["status"], reply.json["parked"]) == ("ready", 0)


async def leave_out_and_skip(scene: Scene) -> None:
    """This will have the dashboard leave out what an operator decides to leave so."""
    aggregate_id = UUID(int=9)
    with psycopg.connect(scene.utility.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO u_test.parked (follower, originator_id, position, reason) VALUES ('dashboard', %s, 7, 'KeyError')",
            [aggregate_id],
        )
    await skip_something(scene)
    await scene.utility.project()


async def skip_something(scene: Scene) -> None:
    """This will write one event."""
    skipped: dict[str, Any] = {"read_model": "dashboard", "aggregate_id": UUID(int=9), "at_position": 7, "error": "KeyError"}
    await scene.utility.portal.skip_parked(context(by="operator:joe"), reason="a test", **skipped)


class Metrics:
    async def test_count_requests_by_route_and_status_and_tell_how_each_utility_stands(self, scene: Scene) -> None:
        key = scene.api_key(Role.OPERATOR, "*")
        counted = 'seed_http_requests_total{method="GET",route="/api/v1/utility",status="200"}'
        before = figures(await ask(scene, "/metrics", key)).get(counted, 0)
        await scene.get("/utility")
        after = figures(await ask(scene, "/metrics", key))
        assert after[counted] == before + 1
        assert after['seed_follower_behind_events{follower="projector",utility="test"}'] == 0
        assert after['seed_log_position{utility="test"}'] > 0

    async def test_tell_of_each_follower_how_far_it_may_read_how_much_it_took_and_at_once(self, scene: Scene) -> None:
        key, of = scene.api_key(Role.OPERATOR, "*"), '{follower="projector",utility="test"}'
        before = figures(await ask(scene, "/metrics", key))
        await skip_something(scene)
        late = figures(await ask(scene, "/metrics", key))
        assert late[f"seed_follower_behind_events{of}"] == 1 and late[f"seed_follower_behind_seconds{of}"] > 0
        await scene.utility.project()
        after = figures(await ask(scene, "/metrics", key))
        assert after[f"seed_follower_events_total{of}"] == before[f"seed_follower_events_total{of}"] + 1
        assert after[f"seed_follower_batch_events{of}"] == 1
        assert after[f"seed_follower_mark{of}"] == after['seed_log_position{utility="test"}']
        assert after[f"seed_follower_behind_seconds{of}"] == 0

    async def test_tell_what_is_left_out_and_what_of_it_is_so_by_decision(self, scene: Scene) -> None:
        await leave_out_and_skip(scene)
        with psycopg.connect(scene.utility.dsn, autocommit=True) as connection:
            for follower in ("dashboard", "dashboard__next"):  # what is built beside leaves nothing out yet
                statement = "INSERT INTO u_test.parked VALUES (%s, gen_random_uuid(), 8, 'KeyError')"
                connection.execute(statement, [follower])
        found = figures(await ask(scene, "/metrics", scene.api_key(Role.OPERATOR, "*")))
        assert found['seed_parked_aggregates{follower="dashboard",utility="test"}'] == 1
        assert found['seed_skipped_aggregates{follower="dashboard",utility="test"}'] == 1
        assert not any("__next" in name for name in found)

    async def test_hold_no_number_and_no_token(self, scene: Scene) -> None:
        await scene.get("/accounts/41000017/history", token=scene.api_key(Role.AUDITOR))
        told = (await ask(scene, "/metrics", scene.api_key(Role.OPERATOR, "*"))).text
        assert "/api/v1/accounts/{number}/history" in told and "41000017" not in told

    async def test_count_made_up_methods_as_one(self, scene: Scene) -> None:
        for method in ("BREW", "FROBNICATE", "TRACK"):
            assert (await scene.client.simulate_request(method, "/api/v1/utility", host="test.example")).status_code == 400
        told = (await ask(scene, "/metrics", scene.api_key(Role.OPERATOR, "*"))).text
        assert 'method="other"' in told and "BREW" not in told and "FROBNICATE" not in told

    async def test_are_for_operators_of_every_utility_alone(self, scene: Scene) -> None:
        for key in (None, scene.api_key(Role.STAFF, "*"), scene.api_key(Role.OPERATOR, "test")):
            assert (await ask(scene, "/metrics", key)).status_code in (401, 403)
