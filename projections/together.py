"""Keys that are asked for while a query is under way share the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Together(Generic[K, V]):
    """Looks up values by key; at most one query is under way at a time, and none is served from memory."""

    def __init__(self, read: Callable[[list[K]], Awaitable[dict[K, V]]]) -> None:
        self._read = read
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """This will give the value of a key, as it is now; None where there is none."""
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._run())
        # Shielded: one reader who gives up must not take the value from the others who wait for it.
        return await asyncio.shield(future)

    async def _run(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, {}
            try:
                found = await self._read(list(waiting))
            except Exception as error:
                for future in waiting.values():
                    future.set_exception(error)
                continue
            for key, future in waiting.items():
                future.set_result(found.get(key))
