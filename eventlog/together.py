"""Questions that wait together are answered together: the first goes at once, those that arrive meanwhile share the next turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar, cast

from psycopg import AsyncConnection

from eventlog.pool import Pool, Read, read

Q = TypeVar("Q")
A = TypeVar("A")

LONG = 0.005
"""Seconds that a question waits for a turn before another lane is opened for it."""


class _Asked(NamedTuple, Generic[Q, A]):
    question: Q
    answer: asyncio.Future[A]
    at: float


class Together(Generic[Q, A]):
    """Asks `serve` for the answers of many questions at once, in their order; `serve` must bear being asked again.

    `lanes` is on how many connections it asks at most. One is enough as long as it answers soon, and shares each turn among more;
    another is opened where questions have waited for long, so that one long answer does not hold up the others.
    `read_by` reads in the place of `pool.read`.
    """

    def __init__(
        self,
        pool: Pool,
        serve: Callable[[AsyncConnection, Sequence[Q]], Awaitable[Sequence[A]]],
        *,
        lanes: int = 2,
        most: int = 64,
        long: float = LONG,
        read_by: Read = read,
    ) -> None:
        self._pool = pool
        self._serve = serve
        self._lanes = lanes
        self._most = most
        self._long = long
        self._read_by = read_by
        self._waiting: deque[_Asked[Q, A]] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._watch: asyncio.TimerHandle | None = None

    async def ask(self, question: Q) -> A:
        """This will give the question's answer. Raises what `serve` raises, and psycopg's errors where the database is away."""
        loop = asyncio.get_running_loop()
        asked: _Asked[Q, A] = _Asked(question, loop.create_future(), loop.time())
        self._waiting.append(asked)
        if not self._running:
            self._open()
        elif self._watch is None and len(self._running) < self._lanes:
            self._watch = loop.call_later(self._long, self._look)
        return await asked.answer

    def _open(self) -> None:
        self._running.add(asyncio.create_task(self._drain()))

    def _look(self) -> None:
        """This will open another lane where somebody has waited for long, and else look again when the first will have."""
        self._watch = None
        if not self._waiting or len(self._running) >= self._lanes:
            return
        loop = asyncio.get_running_loop()
        left = self._waiting[0].at + self._long - loop.time()
        if left > 0:
            self._watch = loop.call_later(left, self._look)
        else:
            self._open()

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._turn([self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))])
        finally:
            # Here and not when the task is done: whoever asks in between would wait for a lane that has ended.
            self._running.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _turn(self, batch: Sequence[_Asked[Q, A]]) -> None:
        try:
            questions = [asked.question for asked in batch]
            answers = await self._read_by(self._pool, lambda connection: self._serve(connection, questions))
        except Exception as error:
            for asked in batch:
                if not asked.answer.done():
                    asked.answer.set_exception(error)
        else:
            for asked, given in zip(batch, answers, strict=True):
                if not asked.answer.done():
                    asked.answer.set_result(given)
