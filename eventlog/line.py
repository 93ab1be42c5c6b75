"""The commands that wait to be written, and what becomes of those that cannot be."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from eventsourcing.persistence import IntegrityError

from eventlog.transaction import Append


class LogBusy(Exception):
    """Too many commands are waiting already; this one was not taken, and may be given again later."""


class LogUnavailable(Exception):
    """The database did not take the command in time; nothing was written."""


class OutcomeUnknown(LogUnavailable):
    """The database was lost while it took the command, and did not return in time to say whether it had."""


class Line:
    """First come, first served; `longest` bounds how many wait, `together` how many one transaction writes."""

    def __init__(self, *, longest: int, together: int) -> None:
        self._longest = longest
        self._together = together
        self._new: deque[Append] = deque()
        self._again: deque[list[Append]] = deque()
        self._taken = RecentKeys()

    def __bool__(self) -> bool:
        return bool(self._new or self._again)

    def join(self, append: Append) -> None:
        """This will put a command at the end. Raises LogBusy."""
        if len(self._new) >= self._longest:
            raise LogBusy
        self._new.append(append)

    def next(self) -> list[Append]:
        """This will take what the next transaction writes: no two commands that touch the same row; [] when none waits."""
        if self._again:
            return self._again.popleft()
        batch: list[Append] = []
        later: list[Append] = []
        touched: set[object] = set()
        while self._new and len(batch) < self._together:
            append = self._new.popleft()
            if append.outcome.done():
                continue  # its caller was cancelled
            if any(row[:2] in self._taken for row in append.events):
                append.refuse(IntegrityError("the version is taken"))
                continue
            keys: set[object] = {row[:2] for row in append.events}
            keys.update((change.operation.table, change.key) for change in append.changes)
            if touched.isdisjoint(keys):
                touched |= keys
                batch.append(append)
            else:
                later.append(append)
        self._new.extendleft(reversed(later))
        return batch

    def repeat(self, batch: list[Append]) -> None:
        """This will have the same transaction made again, next."""
        self._again.appendleft(batch)

    def halve(self, batch: list[Append]) -> None:
        """This will have each half of the transaction made by itself, next."""
        middle = len(batch) // 2
        self._again.extendleft((batch[middle:], batch[:middle]))

    def doubt(self, batch: list[Append]) -> None:
        """This will have the transaction made again, knowing that it may be in the log already."""
        for append in batch:
            append.in_doubt = True
        self.repeat(batch)

    def done(self, batch: Sequence[Append]) -> None:
        """This will tell the callers that their commands are in the log."""
        for append in batch:
            for row in append.events:
                self._taken.add(row[:2])
            if not append.outcome.done():
                append.outcome.set_result(append.position)

    def give_up(self, now: float | None = None) -> None:
        """This will give up the commands whose time was over at `now`, or all of them."""
        for waiting in (*self._again, self._new):
            for append in [append for append in waiting if now is None or append.deadline <= now]:
                waiting.remove(append)
                append.refuse(OutcomeUnknown() if append.in_doubt else LogUnavailable())
        self._again = deque(batch for batch in self._again if batch)


class RecentKeys:
    """The versions this process wrote lately: a command that wants one of them is refused without asking the database."""

    SIZE = 4096

    def __init__(self) -> None:
        self._new: set[object] = set()
        self._old: set[object] = set()

    def add(self, key: object) -> None:
        """This will remember a key, and forget the oldest ones."""
        if len(self._new) >= self.SIZE:
            self._old, self._new = self._new, set()
        self._new.add(key)

    def __contains__(self, key: object) -> bool:
        return key in self._new or key in self._old
