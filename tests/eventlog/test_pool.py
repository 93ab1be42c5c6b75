"""The pool of connections, while the server is away."""

from __future__ import annotations

import asyncio

import pytest

from eventlog import pool as pools

ATTEMPTS = 6
"""More than the pool makes before it gives up for the first time."""


class TestAPoolWhoseServerIsAway:
    async def test_goes_on_trying_although_nobody_asks_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pools, "BACKS_OFF_FOR_S", 0.1)
        attempts, enough = 0, asyncio.Event()

        async def turn_away(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal attempts
            attempts += 1
            if attempts >= ATTEMPTS:
                enough.set()
            writer.close()

        server = await asyncio.start_server(turn_away, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, pools.make_pool(f"host=127.0.0.1 port={port} dbname=seed user=seed") as pool:
            await asyncio.wait_for(enough.wait(), 30)
            assert pool.get_stats()["pool_size"] <= pool.max_size
