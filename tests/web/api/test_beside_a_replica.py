"""The API beside a streaming replica: rows may come from it, who may read them never does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
from prometheus_client import REGISTRY

from eventlog.replica import Replica
from tests.projections.test_as_new import answering
from tests.replica import Pair
from tests.utility import opened
from tests.web.api.test_me import filled
from tests.web.scene import Scene, played
from web.access.roles import Role
from web.operations.metrics import read_beside_replica


@pytest.fixture
async def scene(pair: Pair) -> AsyncIterator[Scene]:
    """The web, whose read models the replica serves too."""
    replica = Replica(pair.replica)
    await replica.open()
    await answering(replica)
    async with opened(pair.primary, "test") as utility:
        utility.views = utility.views.beside(replica, read_beside_replica)
        async with played(utility) as scene:
            yield scene
    await replica.close()


@pytest.fixture
def counted() -> Callable[[str], float]:
    """This will give how often reads were served so since the test began."""

    def count(served: str) -> float:
        return REGISTRY.get_sample_value("seed_replica_reads_total", {"served": served}) or 0

    before = {served: count(served) for served in ("replica", "behind", "away")}
    return lambda served: count(served) - before[served]


class TheApiBesideAReplica:
    async def test_gives_the_dashboard_from_there_and_counts_it(
        self, scene: Scene, pair: Pair, counted: Callable[[str], float]
    ) -> None:
        token = await filled(scene)
        pair.caught_up()
        assert (await scene.get("/me", token=token)).json["wallet"]["amount"] == 700
        assert (counted("replica"), counted("behind")) == (1, 0)
        figures = await scene.client.simulate_get(
            "/metrics", host="test.example", headers={"Authorization": f"Bearer {scene.api_key(Role.OPERATOR, '*')}"}
        )
        assert 'seed_replica_reads_total{served="replica"}' in figures.text

    async def test_shows_what_was_just_done_where_the_replica_does_not_know_it(
        self, scene: Scene, pair: Pair, counted: Callable[[str], float]
    ) -> None:
        token = await filled(scene)
        scene.described = msgspec.structs.replace(scene.described, languages=("en", "fr"))
        with pair.paused():
            written = await scene.put("/me/language", {"language": "fr"}, token=token)
            await scene.utility.project()
            reply = await scene.get(f"/me?at_least={written.json['position']}", token=token)
        assert (reply.json["language"], reply.json["behind"]) == ("fr", False)
        assert counted("replica") == 0

    async def test_ends_a_session_at_once_though_the_replica_knows_nothing_of_it(
        self, scene: Scene, pair: Pair, counted: Callable[[str], float]
    ) -> None:
        token = await filled(scene)
        pair.caught_up()
        with pair.paused():
            assert (await scene.get("/me", token=token)).status_code == 200
            assert counted("replica") == 1
            assert (await scene.delete("/session", token=token)).status_code == 204
            assert (await scene.get("/me", token=token)).status_code == 401
