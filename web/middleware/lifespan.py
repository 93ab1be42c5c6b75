"""Opens what the web stands on once the worker runs, and closes it when it stops; tidies up meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import structlog

from web.access import throttles
from web.access.api_keys import ApiKeys
from web.access.people import People
from web.access.queues import Queues
from web.access.sessions import Sessions
from web.rendered import Rendered
from web.services import Services, UtilityServices

TIDY_EVERY = 600.0
"""Seconds between removals of sessions and counts that are over."""

logger = structlog.get_logger("seed.web")


class Lifespan:
    """Middleware that holds the opened services."""

    services: Services
    sessions: Sessions
    api_keys: ApiKeys
    people: People

    def __init__(self, opened: Callable[[], AbstractAsyncContextManager[Services]]) -> None:
        self.queues = Queues()
        self.rendered: Rendered[Any] = Rendered()
        self._opened = opened
        self._stack = AsyncExitStack()
        self._by_host: dict[str, UtilityServices] = {}
        self._tidying: asyncio.Task[None] | None = None

    async def process_startup(self, scope: dict[str, Any], event: dict[str, Any]) -> None:
        """This will open the services."""
        self.services = await self._stack.enter_async_context(self._opened())
        self.sessions = Sessions(self.services.pool, self.services.randomness)
        self.api_keys = ApiKeys(self.services.pool)
        self.people = People(self.services.pool, self.services.randomness)
        self._by_host = {host: utility for utility in self.services.utilities for host in map(_plain, utility.hosts)}
        self._tidying = asyncio.create_task(self._tidy())

    async def process_shutdown(self, scope: dict[str, Any], event: dict[str, Any]) -> None:
        """This will close them."""
        if self._tidying is not None:
            self._tidying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._tidying
        await self._stack.aclose()

    def utility(self, host: str) -> UtilityServices:
        """This will give the utility of a host name; the first one where the name is none of theirs."""
        return self._by_host.get(_plain(host), self.services.utilities[0])

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_EVERY)
            try:
                now = self.services.clock()
                await self.sessions.forget_old(now)
                await self.people.sessions.forget_old(now)
                await throttles.forget_old(self.services.pool, now)
            except Exception as error:
                logger.warning("tidying failed; it is tried again", error=type(error).__qualname__)


def _plain(host: str) -> str:
    """A name that is written out to the root of all names, with a dot, is the same name."""
    return host.lower().removesuffix(".")
