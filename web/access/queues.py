"""Queues in front of what is asked of others: what concerns the same subject goes in a few at a time.

One process's own; what all processes together may do is for the throttles to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class QueueTooLong(Exception):
    """So many wait for the same subject that another one had better come back later."""


class _Queue:
    def __init__(self, at_once: int) -> None:
        self.gate = asyncio.Semaphore(at_once)
        self.inside = 0


class Queues:
    """A queue for each subject, for as long as somebody stands in it."""

    def __init__(self) -> None:
        self._queues: dict[Hashable, _Queue] = {}

    @asynccontextmanager
    async def turn(self, subject: Hashable, *, at_once: int, longest: int) -> AsyncIterator[None]:
        """This will wait for one's turn. Raises QueueTooLong where `longest` are in the queue already."""
        queue = self._queues.setdefault(subject, _Queue(at_once))
        if queue.inside >= longest:
            raise QueueTooLong
        queue.inside += 1
        try:
            async with queue.gate:
                yield
        finally:
            queue.inside -= 1
            if queue.inside == 0:
                del self._queues[subject]
