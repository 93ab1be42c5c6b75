"""How far a long run through the log is: a bar where somebody watches, a line now and then where nobody does."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

EVERY_S = 10.0
"""How often a line is written where nobody watches."""


class Pace:
    """Counts events and reckons rate and time left. `monotonic` is the clock, in seconds."""

    def __init__(
        self, named: str, end: int, *, console: Console | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`end` is the log's last position when the run began."""
        self._named = named
        self._end = end
        self._console = console or Console()
        self._now = monotonic
        self._began = self._told_at = monotonic()
        self._first: int | None = None
        self._events = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Pace:
        if self._console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[said]}"))
            self._bar = Progress(*columns, console=self._console)
            self._task = self._bar.add_task(self._named, total=self._end, said="")
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, position: int, count: int) -> None:
        """This will count a batch that reached a position."""
        if self._first is None:  # what was done before is not of this run's rate
            self._first, self._began = position, self._now()
        else:
            self._events += count
        self._end = max(self._end, position)
        said = self.said(position)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=position, total=self._end, said=said)
        elif self._now() - self._told_at >= EVERY_S:
            self._told_at = self._now()
            click.echo(f"{self._named}: {position:,} of {self._end:,}, {said}")

    def said(self, position: int) -> str:
        """This will give rate and time left: `31,000 events/s, 0:02:10 left`; nothing before the second batch."""
        seconds = self._now() - self._began
        if self._first is None or not self._events or seconds <= 0:
            return ""
        # By positions, which have gaps that cost no time.
        left = (self._end - position) * seconds / max(1, position - self._first)
        minutes, rest = divmod(round(left), 60)
        return f"{self._events / seconds:,.0f} events/s, {minutes // 60}:{minutes % 60:02}:{rest:02} left"
