"""The library's recorders on our log, for tools that open it as the library does: synchronous, with the writer's statements."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing import persistence
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from psycopg import Connection, Cursor, RawCursor
from psycopg.sql import SQL, Identifier
from psycopg.types.numeric import Int8
from psycopg_pool import ConnectionPool

from eventlog.fence import Fence
from eventlog.operations import INSERT_EVENTS
from eventlog.subscription import FencedSubscription

SyncPool = ConnectionPool[Connection[Any]]

FENCE_PATIENCE = 1.0
"""Seconds that a reader waits for transactions below the last number to end, before it is given what is certain."""


class LogAggregateRecorder(AggregateRecorder):
    """The log as aggregates see it: each one's events, without positions."""

    def __init__(self, pool: SyncPool, schema: str) -> None:
        self.pool = pool
        self.schema = schema
        self._table = Identifier(schema, "events")

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """This will write the events in one transaction, or raise IntegrityError. A lost connection is not retried:
        that would turn a lost acknowledgement into a conflict."""
        self._write(stored_events, kwargs.get("tracking"))
        return None

    def select_events(
        self, originator_id: UUID | str, *, gt: int | None = None, lte: int | None = None, desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:  # fmt: skip
        """This will give an aggregate's events of versions above `gt`, up to `lte`."""
        query = SQL(
            "SELECT originator_id, originator_version, topic, state FROM {} WHERE originator_id = %s"
            " AND originator_version > coalesce(%s, originator_version - 1)"
            " AND originator_version <= coalesce(%s, originator_version) ORDER BY originator_version {} LIMIT %s"
        ).format(self._table, SQL("DESC" if desc else "ASC"))
        with errors_of_the_library(), self.pool.connection() as connection:
            rows = connection.execute(query, [originator_id, gt, lte, limit]).fetchall()
        return [StoredEvent(*row) for row in rows]

    def _write(self, stored_events: Sequence[StoredEvent], tracking: Tracking | None) -> Sequence[int]:
        rows = [(e.originator_id, Int8(e.originator_version), e.topic, e.state) for e in stored_events]
        sent: list[RawCursor[Any]] = []
        with errors_of_the_library(), self.pool.connection() as connection:
            with connection.pipeline():
                for sql, values in INSERT_EVENTS.statements(self.schema, rows):
                    sent.append(RawCursor(connection))
                    sent[-1].execute(sql, values, prepare=True)
                if tracking is not None:
                    track(connection.cursor(), self.schema, tracking)
            return sorted(row[0] for cursor in sent for row in cursor.fetchall())


class LogApplicationRecorder(LogAggregateRecorder, ApplicationRecorder):
    """The log itself: its events in the order of their positions, never past the fence."""

    def __init__(self, pool: SyncPool, schema: str) -> None:
        super().__init__(pool, schema)
        self._fence = Fence(schema)
        self._fence_lock = Lock()

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """This will write the events in one transaction and give their positions, or raise IntegrityError."""
        return self._write(stored_events, kwargs.get("tracking"))

    def select_notifications(
        self, start: int | None, limit: int, stop: int | None = None, topics: Sequence[str] = (), *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:  # fmt: skip
        """This will give events by position, up to the fence's mark."""
        query = SQL(
            "SELECT originator_id, originator_version, topic, state, notification_id FROM {}"
            " WHERE notification_id > %s AND notification_id <= %s AND (%s OR topic = ANY(%s)) ORDER BY notification_id LIMIT %s"
        ).format(self._table)
        after = 0 if start is None else start - 1 if inclusive_of_start else start
        with errors_of_the_library(), self.pool.connection() as connection:
            mark = self._mark(connection)
            values = [after, mark if stop is None else min(stop, mark), not topics, list(topics), limit]
            rows = connection.execute(query, values).fetchall()
        return [Notification(*row) for row in rows]

    def max_notification_id(self) -> int | None:
        """This will give the highest position there is, even one that readers may not have reached yet."""
        with errors_of_the_library(), self.pool.connection() as connection:
            [(position,)] = connection.execute(SQL("SELECT max(notification_id) FROM {}").format(self._table)).fetchall()
        return position  # type: ignore[no-any-return]

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """This will give an iterator over the events past `gt`, that waits for those still to come."""
        return FencedSubscription(self, gt, topics)

    def _mark(self, connection: Connection[Any]) -> int:
        deadline = time.monotonic() + FENCE_PATIENCE
        while True:
            with self._fence_lock:
                mark = self._fence.mark_now(connection)
                held = self._fence.held
            if not held or time.monotonic() > deadline:
                return mark
            time.sleep(0.001)


class LogTrackingRecorder(TrackingRecorder):
    """How far followers have come; the same table in which ours say it."""

    def __init__(self, pool: SyncPool, schema: str) -> None:
        self.pool = pool
        self.schema = schema

    def insert_tracking(self, tracking: Tracking) -> None:
        """This will write a position, or raise IntegrityError where it is not greater than the one there is."""
        with errors_of_the_library(), self.pool.connection() as connection:
            track(connection.cursor(), self.schema, tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """This will give the position reached; None where there is none."""
        query = SQL("SELECT position FROM {} WHERE name = %s").format(Identifier(self.schema, "tracking"))
        with errors_of_the_library(), self.pool.connection() as connection:
            row = connection.execute(query, [application_name]).fetchone()
        return row[0] if row else None


class LogProcessRecorder(LogTrackingRecorder, LogApplicationRecorder, ProcessRecorder):
    """Events and the position they come from, in one transaction."""

    def __init__(self, pool: SyncPool, schema: str) -> None:
        LogApplicationRecorder.__init__(self, pool, schema)


def track(cursor: Cursor[Any], schema: str, tracking: Tracking) -> None:
    """This will write a position in the cursor's transaction; one that is not greater makes the transaction fail."""
    query = SQL(
        "INSERT INTO {} AS known (name, position) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE"
        " SET position = CASE WHEN known.position < excluded.position THEN excluded.position END"
    ).format(Identifier(schema, "tracking"))
    cursor.execute(query, [tracking.application_name, tracking.notification_id])


@contextmanager
def errors_of_the_library() -> Iterator[None]:
    """This will turn psycopg's errors into the library's of the same names."""
    try:
        yield
    except psycopg.IntegrityError as error:
        raise IntegrityError(error.sqlstate) from None
    except psycopg.Error as error:
        names = [cls.__name__ for cls in type(error).__mro__]
        known: Callable[[str], Exception] = next(
            getattr(persistence, name) for name in [*names, "PersistenceError"] if hasattr(persistence, name)
        )
        raise known(f"{type(error).__name__} {error.sqlstate}") from error
