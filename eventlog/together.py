"""Questions that wait together are answered together: the first goes at once, those that arrive meanwhile share the next turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from psycopg import AsyncConnection

from eventlog.pool import Pool, read

Q = TypeVar("Q")
A = TypeVar("A")


class Together(Generic[Q, A]):
    """Asks `serve` for the answers of many questions at once, in their order; `serve` must bear being asked again.

    `lanes` is how many connections it asks on at the same time: one long answer does not hold up the others.
    """

    def __init__(
        self,
        pool: Pool,
        serve: Callable[[AsyncConnection, Sequence[Q]], Awaitable[Sequence[A]]],
        *,
        lanes: int = 2,
        most: int = 64,
    ) -> None:
        self._pool = pool
        self._serve = serve
        self._lanes = lanes
        self._most = most
        self._waiting: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, question: Q) -> A:
        """This will give the question's answer. Raises what `serve` raises, and psycopg's errors where the database is away."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._lanes:
            self._lanes -= 1
            lane = asyncio.create_task(self._drain())
            self._running.add(lane)
            lane.add_done_callback(self._running.discard)
        return await answer

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._turn([self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))])
        finally:
            self._lanes += 1

    async def _turn(self, batch: Sequence[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            questions = [question for question, _ in batch]
            answers = await read(self._pool, lambda connection: self._serve(connection, questions))
        except Exception as error:
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
        else:
            for (_, answer), given in zip(batch, answers, strict=True):
                if not answer.done():
                    answer.set_result(given)
