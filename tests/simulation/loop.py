"""An event loop without a clock of its own: time stands still while anything can run, and then goes straight to what is due.

Nothing here waits, reads a socket or asks the machine for the time, so the same coroutines run in the same order each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import heapq
import itertools
from asyncio import AbstractEventLoop, Future, Task
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


class NothingLeft(Exception):
    """Somebody waits for what nobody will bring."""


class Pause:
    """Lets the task that awaits it go on when its time has come: what a future and a handle would do, without either."""

    __slots__ = ("_asyncio_future_blocking", "_context", "_loop", "_task")

    def __init__(self, loop: SimulatedLoop) -> None:
        self._asyncio_future_blocking = False
        self._loop = loop
        self._task: Callable[[Any], object] | None = None
        self._context: contextvars.Context | None = None

    def __await__(self) -> Generator[Pause, None, None]:
        self._asyncio_future_blocking = True
        yield self

    def over(self) -> None:
        """This will have the task go on at once, where one waits."""
        task, self._task = self._task, None
        if task is not None and self._context is not None:
            self._context.run(task, self)

    # What a task asks of what it waits for

    def get_loop(self) -> SimulatedLoop:
        return self._loop

    def add_done_callback(self, callback: Callable[[Any], object], *, context: contextvars.Context) -> None:
        self._task, self._context = callback, context

    def result(self) -> None:
        return None

    def cancel(self, msg: Any = None) -> bool:
        # The task goes on soon, and is told then.
        self._loop.call_soon(self.over)
        return False


class Timer:
    """Calls what is due, unless it was cancelled before."""

    __slots__ = ("_args", "_callback", "_context")

    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...], context: contextvars.Context | None) -> None:
        self._callback: Callable[..., object] | None = callback
        self._args = args
        self._context = context

    def cancel(self) -> None:
        self._callback, self._args = None, ()

    def over(self) -> None:
        """This will call it."""
        if self._callback is None:
            return
        if self._context is None:
            self._callback(*self._args)
        else:
            self._context.run(self._callback, *self._args)


class SimulatedLoop(AbstractEventLoop):
    """Runs coroutines; `time()` is in simulated seconds since its beginning."""

    def __init__(self) -> None:
        self._now = 0.0
        self._ready: deque[tuple[Callable[..., Any], tuple[Any, ...], contextvars.Context | None]] = deque()
        self._timers: list[tuple[float, int, Timer | Pause]] = []
        self._numbers = itertools.count()
        self.failures: list[BaseException] = []
        self.is_over = False
        self._tasks: list[Task[Any]] = []

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """This will run until `main` is done; nothing else goes on from there."""
        asyncio.events._set_running_loop(self)
        try:
            task = self.create_task(main)
            self._run_ready()
            while not task.done():
                self._go_on()
                self._run_ready()
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

    def _run_ready(self) -> None:
        ready = self._ready
        while ready:
            callback, args, context = ready.popleft()
            try:
                if context is None:
                    callback(*args)
                else:
                    context.run(callback, *args)
            except Exception as error:
                self.failures.append(error)

    def _go_on(self) -> None:
        """This will let time pass until something is due."""
        if not self._timers:
            raise NothingLeft
        when, _, due = heapq.heappop(self._timers)
        if when > self._now:
            self._now = when
        try:
            due.over()
        except Exception as error:
            self.failures.append(error)

    def pause(self, delay: float) -> Pause:
        """This will give what a task awaits to go on after so many seconds."""
        pause = Pause(self)
        self._at(self._now + delay, pause)
        return pause

    # What asyncio asks of a loop

    def time(self) -> float:
        return self._now

    def call_soon(  # type: ignore[override]  # nobody takes back what is about to run
        self, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> None:
        self._ready.append((callback, args, context))

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> Timer:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> Timer:
        timer = Timer(callback, args, context)
        self._at(when, timer)
        return timer

    def _at(self, when: float, due: Timer | Pause) -> None:
        heapq.heappush(self._timers, (when, next(self._numbers), due))

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
