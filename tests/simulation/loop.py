"""An event loop without a clock of its own: time stands still while anything can run, and then goes straight to what is due.

Nothing here waits, reads a socket or asks the machine for the time, so the same coroutines run in the same order each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import heapq
import itertools
from asyncio import AbstractEventLoop, Future, Handle, Task, TimerHandle
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class NothingLeft(Exception):
    """Somebody waits for what nobody will bring."""


class SimulatedLoop(AbstractEventLoop):
    """Runs coroutines; `time()` is in simulated seconds since its beginning."""

    def __init__(self) -> None:
        self._now = 0.0
        self._ready: deque[Handle] = deque()
        self._timers: list[tuple[float, int, TimerHandle | Future[None]]] = []
        self._numbers = itertools.count()
        self.failures: list[BaseException] = []
        self.is_over = False
        self._tasks: list[Task[Any]] = []

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """This will run until `main` is done; nothing else goes on from there."""
        asyncio.events._set_running_loop(self)
        try:
            task = self.create_task(main)
            while not task.done():
                self._step()
            return task.result()
        finally:
            self._end()
            asyncio.events._set_running_loop(None)

    def _end(self) -> None:
        self.is_over = True
        self._ready.clear()
        self._timers.clear()
        for task in self._tasks:
            if not task.done():
                with contextlib.suppress(BaseException):
                    task.get_coro().close()  # type: ignore[union-attr]

    def _step(self) -> None:
        if not self._ready:
            if not self._timers:
                raise NothingLeft
            when, _, due = heapq.heappop(self._timers)
            self._now = max(self._now, when)
            if isinstance(due, Future):
                if not due.done():
                    due.set_result(None)
            elif not due.cancelled():
                due._run()
            return
        handle = self._ready.popleft()
        if not handle.cancelled():
            handle._run()

    def wake(self, future: Future[None], delay: float) -> None:
        """This will let whoever waits for the future go on after so many seconds, unless somebody else does before."""
        heapq.heappush(self._timers, (self._now + delay, next(self._numbers), future))

    # What asyncio asks of a loop

    def time(self) -> float:
        return self._now

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None) -> Handle:
        handle = Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> TimerHandle:
        timer = TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._numbers), timer))
        return timer

    def create_future(self) -> Future[Any]:
        return Future(loop=self)

    def create_task(self, coro: Any, *, name: str | None = None, context: contextvars.Context | None = None) -> Task[Any]:
        task: Task[Any] = Task(coro, loop=self, name=name, context=context)
        # Whoever was killed never goes on: nobody needs to be warned of that.
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        # Kept, so that nothing of it runs because nobody remembers it any more.
        self._tasks.append(task)
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if self.is_over:
            return
        failure = context.get("exception")
        self.failures.append(failure if failure is not None else RuntimeError(context["message"]))

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def _timer_handle_cancelled(self, timer: TimerHandle) -> None:
        pass
