"""What is made ahead is there when it is needed, or is not missed."""

from __future__ import annotations

import asyncio

import pytest

from eventlog import ahead
from eventlog.ahead import Ahead


async def page() -> str:
    await asyncio.sleep(0)
    return "page"


async def fail() -> str:
    raise ValueError("away")


class WhatIsMadeAhead:
    async def test_is_given_once(self) -> None:
        made = Ahead[str]()
        made.begin(page())
        assert await made.take() == "page"
        assert await made.take() is None

    async def test_is_nothing_where_it_failed(self) -> None:
        made = Ahead[str]()
        made.begin(fail())
        assert await made.take() is None

    @pytest.mark.parametrize("given_up", [False, True], ids=["late", "given up"])
    async def test_is_nothing_and_ends_where_nobody_waits_for_it_any_more(
        self, monkeypatch: pytest.MonkeyPatch, given_up: bool
    ) -> None:
        ended = asyncio.Event()

        async def late() -> str:
            try:
                return await asyncio.Future[str]()
            finally:
                ended.set()

        monkeypatch.setattr(ahead, "WAITS_S", 0.01)
        made = Ahead[str]()
        made.begin(late())
        await asyncio.sleep(0)
        if given_up:
            made.close()
        assert await made.take() is None
        async with asyncio.timeout(60):
            await ended.wait()
