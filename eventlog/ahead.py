"""Reads on while what was read is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")

WAITS_S = 5.0
"""How long what was begun is waited for when it is needed: its connection may be one that nobody answers on."""


class Ahead(Generic[T]):
    """One thing that is made ahead. Where that fails or takes long there is nothing, and whoever needs it makes it as usual."""

    def __init__(self) -> None:
        self._task: asyncio.Task[T] | None = None

    def begin(self, making: Coroutine[Any, Any, T]) -> None:
        """This will have it made from now on."""
        self._task = asyncio.create_task(making)
        # A failure is looked at even where nobody takes it: else asyncio would complain of it.
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def take(self) -> T | None:
        """This will wait for what was begun, and give it; None where nothing was, it failed or it takes too long."""
        task, self._task = self._task, None
        if task is None:
            return None
        try:
            await asyncio.wait({task}, timeout=WAITS_S)
        finally:
            if not task.done():
                task.cancel()
        return task.result() if task.done() and not task.cancelled() and task.exception() is None else None

    def close(self) -> None:
        """This will give up what was begun."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
