from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from eventlog.embedded import EmbeddedServer
from tests.web.scene import Scene


@contextmanager
def frozen(server: EmbeddedServer) -> Iterator[None]:
    """This will freeze every process of PostgreSQL as long as the block."""
    assert server.pid is not None
    postmaster = psutil.Process(server.pid)
    family = [postmaster, *postmaster.children(recursive=True)]
    try:
        for process in family:
            process.send_signal(signal.SIGSTOP)
        yield
    finally:
        for process in family:
            process.send_signal(signal.SIGCONT)


class Health:
    async def test_is_good_while_the_database_answers(self, scene: Scene) -> None:
        reply = await scene.get("/healthz")
        assert (reply.status_code, reply.json) == (200, {"status": "ok"})

    async def test_is_said_to_be_bad_soon_after_the_database_froze_and_good_after_it_thawed(
        self, scene: Scene, shared_server: EmbeddedServer
    ) -> None:
        await scene.get("/healthz")
        with frozen(shared_server):
            async with asyncio.timeout(6):  # psycopg by itself would wait for 12 s
                replies = await asyncio.gather(*(scene.get("/healthz") for _ in range(20)))
            assert {(reply.status_code, reply.json["rule"]) for reply in replies} == {(503, "ServiceUnavailable")}
            assert {reply.headers["Retry-After"] for reply in replies} == {"1"}
            assert scene.utility.pool.get_stats()["requests_waiting"] == 0, "twenty health checks take one connection together"
        again = [(await scene.get("/healthz")).status_code for _ in range(3)]
        assert again[-1] == 200
