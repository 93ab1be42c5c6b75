"""What the vendor has to do: one row for each redemption under way, kept by a follower, claimed by whoever works.

A row is a reminder, not a truth: what is to be done is decided by the redemption itself, read from the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, AsyncCursor, sql
from psycopg.rows import tuple_row

from domain.redemption_events import RedemptionProvenAbsent, RedemptionReserved, RedemptionSettled
from eventlog.follower import Recorded

TABLE = "vending_work"

DDL = (
    "CREATE TABLE IF NOT EXISTS {table} ("
    " redemption_id uuid PRIMARY KEY,"
    " attempts bigint NOT NULL,"
    " due_at timestamptz NOT NULL,"
    " correlation_id uuid NOT NULL)"
)

LEASE = timedelta(seconds=30)


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A redemption to be looked at; nobody else looks at it before its lease is over."""

    redemption_id: UUID
    attempts: int
    correlation_id: UUID


class Work:
    """The table of one utility."""

    def __init__(self, schema: str) -> None:
        self.table = sql.Identifier(schema, TABLE)

    def create_statement(self) -> sql.Composed:
        """This will give what creates the table."""
        return sql.SQL(DDL).format(table=self.table)

    async def follow(self, cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
        """This will note what begins and strike what has ended, in the follower's transaction."""
        for recorded in batch:
            event = recorded.event
            match event:
                case RedemptionReserved():
                    await cursor.execute(
                        sql.SQL(
                            "INSERT INTO {} VALUES (%s, 0, %s, %s) ON CONFLICT (redemption_id) DO UPDATE"
                            " SET attempts = 0, due_at = excluded.due_at, correlation_id = excluded.correlation_id"
                        ).format(self.table),
                        (event.originator_id, event.at, event.correlation_id),
                    )
                case RedemptionSettled() | RedemptionProvenAbsent():
                    # Only here, in the log's order: whoever worked on it cannot know whether the row is a new attempt's.
                    await cursor.execute(
                        sql.SQL("DELETE FROM {} WHERE redemption_id = %s").format(self.table), (event.originator_id,)
                    )

    async def claim(self, cursor: AsyncCursor[Any], now: datetime, limit: int) -> list[Task]:
        """This will lease what is due, passing over what others hold."""
        cursor.row_factory = tuple_row
        await cursor.execute(
            sql.SQL(
                "UPDATE {0} SET due_at = %(until)s, attempts = attempts + 1 WHERE redemption_id IN ("
                " SELECT redemption_id FROM {0} WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(limit)s"
                " FOR UPDATE SKIP LOCKED) RETURNING redemption_id, attempts, correlation_id"
            ).format(self.table),
            {"now": now, "until": now + LEASE, "limit": limit},
        )
        return [
            Task(redemption_id=redemption_id, attempts=attempts, correlation_id=correlation_id)
            for redemption_id, attempts, correlation_id in await cursor.fetchall()
        ]

    async def waiting(self, connection: AsyncConnection[Any], now: datetime) -> tuple[int, float]:
        """This will give how many are under way, and for how many seconds the one due longest has been due."""
        cursor = connection.cursor(row_factory=tuple_row)
        await cursor.execute(sql.SQL("SELECT count(*), min(due_at) FROM {}").format(self.table))
        count, due = await cursor.fetchone() or (0, None)
        return count, max(0.0, (now - due).total_seconds()) if due else 0.0

    async def postpone(self, cursor: AsyncCursor[Any], task: Task, until: datetime) -> None:
        """This will have the redemption looked at again then, unless a new attempt has taken its row meanwhile."""
        await cursor.execute(
            sql.SQL("UPDATE {} SET due_at = %s WHERE redemption_id = %s AND attempts = %s").format(self.table),
            (until, task.redemption_id, task.attempts),
        )
