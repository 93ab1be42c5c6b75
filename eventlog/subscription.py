"""A subscription as the library knows it: looks, and looks again after a pause."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from threading import Event

from eventsourcing.persistence import ApplicationRecorder, Notification, Subscription

PAGE = 500
PAUSE = 0.05
"""Seconds between two looks where there was nothing new."""


class FencedSubscription(Subscription[ApplicationRecorder]):
    """Iterates over a recorder's events in the order of their positions."""

    def __init__(self, recorder: ApplicationRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._page: deque[Notification] = deque()
        self._stopped = Event()

    def stop(self) -> None:
        """This will end the iteration."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._stopped.is_set():
            if self._page:
                return self._page.popleft()
            after = self._last_notification_id or 0
            found = self._recorder.select_notifications(after, PAGE, topics=self._topics, inclusive_of_start=False)
            self._page.extend(found)
            if found:
                self._last_notification_id = found[-1].id
            else:
                self._stopped.wait(PAUSE)
        raise StopIteration
