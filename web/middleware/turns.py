"""Turns: so many at once, so many waiting, none of them for long. The rest is told to come again, at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import NamedTuple

STANDS_AFTER = 0.5
"""Seconds after which a queue that was never empty stands: it is no burst that passes, more comes than can be done.

It does no more once for as long nobody had to be sent away.
"""

WAIT_WHERE_IT_STANDS = 0.1
"""Seconds: where a queue stands and its first has waited longer, whoever comes would wait as long, and is sent away at once."""

PATIENCE_WHERE_IT_STANDS = 0.25
"""Seconds that are waited in a queue that stands. Waiting longer there helps nobody: it only makes everything slow."""


class Reason(StrEnum):
    """Why somebody got no turn."""

    QUEUE_FULL = "queue-full"
    QUEUE_STANDS = "queue-stands"
    WAITED = "waited"
    GONE = "gone"


class NoTurn(Exception):
    """There was no turn; nothing was done."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class _Waiting(NamedTuple):
    turn: asyncio.Future[None]
    since: float


class Turns:
    """A queue with first come, first served, for one event loop.

    `at_once` have a turn, `longest` wait, each for at most `patience` seconds; for less where the queue stands, which is
    CoDel's thought: not a queue's length tells overload, but that it does not empty (Nichols and Jacobson, ACM Queue 10:5; in
    this form Maurer, "Fail at Scale", ACM Queue 13:8).
    """

    def __init__(self, *, at_once: int, longest: int, patience: float, changed: Callable[[Turns], None]) -> None:
        """`changed` is told after each change of what is under way and what waits."""
        self.under_way = 0
        self._changed = changed
        self._at_once = at_once
        self._longest = longest
        self._patience = patience
        self._queue: deque[_Waiting] = deque()
        self._waited_since: float | None = None
        self._stands_until = float("-inf")

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    @property
    def stands(self) -> bool:
        """Whether the queue has not been empty for too long, or somebody got no turn of late."""
        since = self._waited_since
        return _now() < self._stands_until or (since is not None and _now() - since > STANDS_AFTER)

    def refuse(self) -> None:
        """This will raise NoTurn where whoever came now would wait in vain."""
        if self.under_way >= self._at_once and self.waiting >= self._longest:
            raise self._no_turn(Reason.QUEUE_FULL)
        if self._queue and self.stands and _now() - self._queue[0].since > WAIT_WHERE_IT_STANDS:
            raise self._no_turn(Reason.QUEUE_STANDS)

    @asynccontextmanager
    async def turn(self, gone: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """This will wait for a turn, for as long as `gone` does not return. Raises NoTurn."""
        if self.under_way < self._at_once:  # nobody waits then: a turn that ends is handed over
            self.under_way += 1
            self._changed(self)
        else:
            self.refuse()
            await self._wait(gone)
        try:
            yield
        finally:
            self._end()

    async def _wait(self, gone: Callable[[], Awaitable[None]]) -> None:
        patience = min(self._patience, PATIENCE_WHERE_IT_STANDS) if self.stands else self._patience
        waiting = _Waiting(asyncio.get_running_loop().create_future(), _now())
        if self._waited_since is None:
            self._waited_since = waiting.since
        self._queue.append(waiting)
        self._changed(self)
        leaving = asyncio.ensure_future(gone())
        has_turn = False
        try:
            await asyncio.wait({waiting.turn, leaving}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                raise NoTurn(Reason.GONE)
            if not waiting.turn.done():
                raise self._no_turn(Reason.WAITED)
            has_turn = True
        finally:
            leaving.cancel()
            if not waiting.turn.done():
                self._queue.remove(waiting)
                self._look_whether_empty()
            elif not has_turn:
                self._end()  # it came in the moment of leaving: it is the next one's

    def _no_turn(self, reason: Reason) -> NoTurn:
        # A queue that empties for a moment, since nobody was let into it, still stands: it must not fill up again.
        self._stands_until = _now() + STANDS_AFTER
        return NoTurn(reason)

    def _end(self) -> None:
        if self._queue:
            self._queue.popleft().turn.set_result(None)
            self._look_whether_empty()
        else:
            self.under_way -= 1
            self._changed(self)

    def _look_whether_empty(self) -> None:
        if not self._queue:
            self._waited_since = None
        self._changed(self)


def _now() -> float:
    return asyncio.get_running_loop().time()
