"""What the vendor has to do: one row for each process under way, kept by a follower, claimed by whoever works.

A row is a reminder, not a truth: what is to be done is decided by the process itself, read from the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, AsyncCursor, sql
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from domain import arrears_share_events as share
from domain import purchase_events as purchase
from domain import redemption_events as redemption
from domain.event import Event
from eventlog.follower import Recorded
from eventlog.pool import write

DDL = (
    "CREATE TABLE IF NOT EXISTS {table} ("
    " {id} uuid PRIMARY KEY,"
    " attempts bigint NOT NULL,"
    " due_at timestamptz NOT NULL,"
    " correlation_id uuid NOT NULL)"
)

LEASE = timedelta(seconds=8)
"""After so long without a word from whoever works on it, a process is anybody's: a vendor that was killed costs no longer."""

RENEWED_EVERY = timedelta(seconds=2)

SOON = timedelta(minutes=1)
"""A payment page that was just opened is looked at for the first time: nobody types a card's number faster."""


class Begun(msgspec.Struct, frozen=True):
    """A process, or a new attempt of it, has begun: it is due then, for the first time."""

    due_at: datetime
    correlation_id: UUID


class News(msgspec.Struct, frozen=True):
    """There is reason to look at the process: it is due then, for the first time."""

    due_at: datetime


class Over(msgspec.Struct, frozen=True):
    """The process has ended."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of process: its table, and which events begin it, bring news of it (due after that while), or end it."""

    table: str
    id: str
    begins: type[Event]
    news: Mapping[type[Event], timedelta] = {}
    ends: tuple[type[Event], ...]

    def note(self, event: Event) -> Begun | News | Over | None:
        """This will say what an event means for the work on the process that it belongs to; None for nothing."""
        kind = type(event)
        if kind is self.begins:
            return Begun(event.at, event.correlation_id)
        if (after := self.news.get(kind)) is not None:
            return News(event.at + after)
        return Over() if kind in self.ends else None


REDEMPTIONS = Kind(
    table="vending_work",
    id="redemption_id",
    begins=redemption.RedemptionReserved,
    ends=(redemption.RedemptionSettled, redemption.RedemptionProvenAbsent),
)
PURCHASES = Kind(
    table="purchase_work",
    id="purchase_id",
    begins=purchase.PurchaseRequested,
    news={
        purchase.PurchaseCheckoutOpened: SOON,
        purchase.PurchaseNoticed: timedelta(0),
        purchase.PurchaseFoundIssued: timedelta(0),
        purchase.PurchaseDecided: timedelta(0),
    },
    ends=(
        purchase.PurchaseAbandoned,
        purchase.PurchaseCaptured,
        purchase.PurchaseReleased,
        purchase.PurchaseUncollected,
    ),
)
SHARES = Kind(table="share_work", id="share_id", begins=share.ShareChosen, ends=(share.ShareConfirmed, share.ShareRefused))
KINDS = (REDEMPTIONS, PURCHASES, SHARES)


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A process to be looked at; nobody else looks at it before its lease is over."""

    id: UUID
    attempts: int
    correlation_id: UUID


class Work:
    """The table of one kind of process, of one utility."""

    def __init__(self, pool: AsyncConnectionPool[Any], schema: str, kind: Kind) -> None:
        self.pool = pool
        self.kind = kind
        self._names = _names(schema, kind)

    async def follow(self, cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
        """This will note what begins, what there is news of, and strike what has ended, in the follower's transaction."""
        for recorded in batch:
            id = recorded.event.originator_id
            match self.kind.note(recorded.event):
                case Begun(due_at, correlation_id):
                    await cursor.execute(
                        sql.SQL(
                            "INSERT INTO {table} VALUES (%s, 0, %s, %s) ON CONFLICT ({id}) DO UPDATE"
                            " SET attempts = 0, due_at = excluded.due_at, correlation_id = excluded.correlation_id"
                        ).format(**self._names),
                        (id, due_at, correlation_id),
                    )
                case News(due_at):
                    # The attempts begin anew, so that whoever looked before the news does not put it off.
                    await cursor.execute(
                        sql.SQL("UPDATE {table} SET attempts = 0, due_at = %s WHERE {id} = %s").format(**self._names),
                        (due_at, id),
                    )
                case Over():
                    # Only here, in the log's order: whoever worked on it cannot know whether the row is a new attempt's.
                    await cursor.execute(sql.SQL("DELETE FROM {table} WHERE {id} = %s").format(**self._names), (id,))

    async def claim(self, now: datetime, limit: int) -> list[Task]:
        """This will lease what is due, passing over what others hold."""
        rows = await self._done(
            "UPDATE {table} SET due_at = %(until)s, attempts = attempts + 1 WHERE {id} IN ("
            " SELECT {id} FROM {table} WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(limit)s"
            " FOR UPDATE SKIP LOCKED) RETURNING {id}, attempts, correlation_id",
            {"now": now, "until": now + LEASE, "limit": limit},
        )
        return [Task(id=id, attempts=attempts, correlation_id=correlation_id) for id, attempts, correlation_id in rows]

    async def under_way(self) -> list[UUID]:
        """This will give the ids of all that is under way."""
        return [id for (id,) in await self._done("SELECT {id} FROM {table}", ())]

    async def renew(self, tasks: Sequence[Task], now: datetime) -> None:
        """This will hold the leases of what is worked on for another while, unless news or a new attempt have taken a row."""
        await self._done(
            "UPDATE {table} AS work SET due_at = %s FROM unnest(%s::uuid[], %s::bigint[]) AS held (id, attempts)"
            " WHERE work.{id} = held.id AND work.attempts = held.attempts RETURNING work.{id}",
            (now + LEASE, [task.id for task in tasks], [task.attempts for task in tasks]),
        )

    async def waiting(self, connection: AsyncConnection[Any], now: datetime) -> tuple[int, float]:
        """This will give how many are under way, and for how many seconds the one due longest has been due."""
        cursor = connection.cursor(row_factory=tuple_row)
        await cursor.execute(sql.SQL("SELECT count(*), min(due_at) FROM {table}").format(**self._names))
        count, due = await cursor.fetchone() or (0, None)
        return count, max(0.0, (now - due).total_seconds()) if due else 0.0

    async def postpone(self, task: Task, until: datetime) -> None:
        """This will have the process looked at again then, unless news or a new attempt have taken its row meanwhile."""
        await self._done(
            "UPDATE {table} SET due_at = %s WHERE {id} = %s AND attempts = %s RETURNING {id}", (until, task.id, task.attempts)
        )

    async def _done(self, statement: LiteralString, values: Any) -> list[tuple[Any, ...]]:
        """This will run a statement and give its rows; again where the connection was lost. What was done before costs a lease
        at most."""
        query = sql.SQL(statement).format(**self._names)

        async def ask(connection: AsyncConnection[Any]) -> list[tuple[Any, ...]]:
            # A transaction of our own, whether or not the pool's connections commit by themselves.
            async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
                await cursor.execute(query, values)
                return await cursor.fetchall()

        return await write(self.pool, ask)


def create_statement(schema: str, kind: Kind) -> sql.Composed:
    """This will give what creates the table of a kind of process."""
    return sql.SQL(DDL).format(**_names(schema, kind))


def _names(schema: str, kind: Kind) -> dict[str, sql.Identifier]:
    return {"table": sql.Identifier(schema, kind.table), "id": sql.Identifier(kind.id)}
