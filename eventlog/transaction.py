"""One transaction that keeps the events and records of one or many commands: sent in one go, kept whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor

from eventlog.operations import INSERT_EVENTS, OPERATIONS
from eventlog.statements import Operation


class EventRow(NamedTuple):
    """An event as the log stores it."""

    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes


class Change(NamedTuple):
    """One row written beside the events; `key` says which row of the operation's table."""

    operation: Operation
    key: Any
    values: tuple[Any, ...]


class Append:
    """What one command wants written, and the place where its outcome will appear.

    `in_doubt`: a connection was lost while this was under way, so it may be in the log already.
    """

    __slots__ = ("events", "changes", "outcome", "deadline", "in_doubt", "position")

    def __init__(
        self, events: Sequence[EventRow], changes: Sequence[Change], outcome: asyncio.Future[int], deadline: float
    ) -> None:
        self.events = events
        self.changes = changes
        self.outcome = outcome
        self.deadline = deadline
        self.in_doubt = False
        self.position = 0

    def refuse(self, error: Exception) -> None:
        """This will tell the caller why the command is not in the log."""
        if not self.outcome.done():
            self.outcome.set_exception(error)


class TransactionFailed(Exception):
    """The transaction was not made, or, where its acknowledgement was `lost`, nobody can tell whether it was.

    `state` is PostgreSQL's SQLSTATE, `operation` the one that failed, where they are known.
    """

    def __init__(self, what: str, state: str | None, operation: Operation | None, *, lost: bool) -> None:
        super().__init__(f"{what} ({state or 'no SQLSTATE'}{' in ' + operation.table if operation else ''})")
        self.state = state or ""
        self.operation = operation
        self.lost = lost


async def write(connection: AsyncConnection, schema: str, batch: Sequence[Append]) -> None:
    """This will write the batch and set each append's position, or raise TransactionFailed.

    A command's events keep their order: what follows from what is seen in the log. Commands are sorted, so that transactions
    of several processes mostly wait for each other in one order; where two yet deadlock, one is made again.
    """
    events = [(row, append) for append in sorted(batch, key=_lowest_id) for row in append.events]
    statements = [(operation, each) for operation, rows in _rows(events, batch) for each in operation.statements(schema, rows)]
    sent: list[tuple[Operation, AsyncRawCursor[Any]]] = []
    try:
        # What a pipeline holds up to its end is one transaction (PostgreSQL, "Pipelining"): one round trip, no BEGIN. So is
        # a statement by itself, without what a pipeline costs.
        async with connection.pipeline() if len(statements) > 1 else nullcontext():
            for operation, (sql, values) in statements:
                cursor: AsyncRawCursor[Any] = AsyncRawCursor(connection)
                sent.append((operation, cursor))
                await cursor.execute(sql, values, prepare=True)
    except psycopg.Error as error:
        failed = next((operation for operation, cursor in sent if cursor.statusmessage is None), None)
        # After a statement by itself, which is committed then, psycopg may send more (it deallocates what was prepared long ago).
        is_done = failed is None and len(statements) == 1
        raise TransactionFailed(type(error).__name__, error.sqlstate, failed, lost=connection.closed or is_done) from None
    # Numbers were drawn in the order of the rows, so that both are in ascending order.
    positions = sorted([row[0] for operation, cursor in sent if operation is INSERT_EVENTS for row in await cursor.fetchall()])
    for position, (_, append) in zip(positions, events, strict=True):
        append.position = position


def _lowest_id(append: Append) -> int:
    return min((row[0].int for row in append.events), default=0)


def _rows(events: Sequence[tuple[EventRow, Append]], batch: Sequence[Append]) -> list[tuple[Operation, Sequence[Sequence[Any]]]]:
    rows: list[tuple[Operation, Sequence[Sequence[Any]]]] = [(INSERT_EVENTS, [row for row, _ in events])] if events else []
    if any(append.changes for append in batch):
        for operation in OPERATIONS:
            of_kind = [change for append in batch for change in append.changes if change.operation is operation]
            if of_kind:
                rows.append((operation, [change.values for change in sorted(of_kind, key=lambda change: change.key)]))
    return rows
