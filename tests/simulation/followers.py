"""Followers of the simulated log: rows and position in one transaction, a process that may die at any point of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from domain.event import Event
from projections.keyed import KeyedProjection
from projections.projection import Place, Table
from tests.simulation.log import Store
from tests.simulation.world import Life
from vending.work import LEASE, Begun, Kind, News, Over, Task

BATCH = 50


class Recorded(NamedTuple):
    """An event and where it stands in the log."""

    position: int
    event: Event


class Tables:
    """The rows of everything that follows the log, and how far each follower has come."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Hashable, Any]] = {}
        self.positions: dict[str, int] = {}

    def of(self, table: str) -> dict[Hashable, Any]:
        """This will give a table's rows by their keys."""
        return self.rows.setdefault(table, {})


class Transaction:
    """What a follower writes: seen by nobody before it is committed. Rows that are None are deleted."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.written: dict[tuple[str, Hashable], Any] = {}

    def get(self, table: str, key: Hashable) -> Any:
        """This will read a row, as this transaction sees it."""
        if (table, key) in self.written:
            return self.written[table, key]
        return self.tables.of(table).get(key)

    def put(self, table: str, key: Hashable, row: Any) -> None:
        """This will write a row."""
        self.written[table, key] = row

    def commit(self) -> None:
        """This will make everything seen at once."""
        for (table, key), row in self.written.items():
            if row is None:
                self.tables.of(table).pop(key, None)
            else:
                self.tables.of(table)[key] = row


Apply = Callable[[Transaction, Sequence[Recorded]], Awaitable[None]]
Kept = Callable[[Transaction, str, int], None]


class Follower:
    """Hands the log's events to `apply`, in order and in batches, and keeps what it writes together with its position."""

    def __init__(self, life: Life, store: Store, tables: Tables, name: str, apply: Apply, kept: Kept) -> None:
        self.life = life
        self.store = store
        self.tables = tables
        self.name = name
        self.apply = apply
        self.kept = kept

    async def run(self) -> None:
        """This will follow for ever."""
        while True:
            if self._has_all():
                await self.store.bell.wait()
                await self.life.check()
            else:
                await self.step()

    def _has_all(self) -> bool:
        return self.tables.positions.get(self.name, 0) == len(self.store.all)

    async def step(self) -> None:
        """This will take one batch, where there is something to take."""
        await self.life.step()
        position = self.tables.positions.get(self.name, 0)
        batch = [Recorded(position + 1 + n, event) for n, event in enumerate(self.store.all[position : position + BATCH])]
        if not batch:
            return
        transaction = Transaction(self.tables)
        await self.apply(transaction, batch)
        await self.life.step()
        await self.keep(transaction, batch[-1].position)

    async def keep(self, transaction: Transaction, position: int) -> None:
        """This will commit rows and position, together or not at all."""
        if self.life.world.faults.strike("crash-between-rows-and-position"):
            await self.life.die()
        transaction.commit()
        self.tables.positions[self.name] = position
        self.kept(transaction, self.name, position)


class MemoryRows:
    """Rows of keyed read models in the tables of a simulation. Satisfies the port of `projections.keyed`."""

    async def load(self, cursor: Transaction, place: Place, table: Table, row_class: Any, keys: Iterable[Hashable]) -> list[Any]:
        found = (cursor.get(table.name, key) for key in keys)
        return [row for row in found if row is not None]

    async def put(self, cursor: Transaction, place: Place, table: Table, rows: Sequence[Any]) -> None:
        for row in rows:
            cursor.put(table.name, getattr(row, table.key[0]), row)

    async def update(self, cursor: Transaction, place: Place, table: Table, pairs: Sequence[tuple[Any, Any]]) -> None:
        await self.put(cursor, place, table, [row for _, row in pairs])

    async def delete(self, cursor: Transaction, place: Place, table: Table, keys: Iterable[Hashable]) -> None:
        for key in keys:
            cursor.put(table.name, key, None)


def handling(projections: Sequence[KeyedProjection[Any]]) -> dict[type[Event], list[KeyedProjection[Any]]]:
    """This will give which read models handle each kind of event."""
    found: dict[type[Event], list[KeyedProjection[Any]]] = {}
    for projection in projections:
        for kind in projection.handlers:
            found.setdefault(kind, []).append(projection)
    return found


class ReadModels:
    """Takes batches through keyed read models."""

    def __init__(self, projections: Sequence[KeyedProjection[Any]]) -> None:
        self._handling = handling(projections)
        for projection in projections:
            projection.rows = MemoryRows()  # type: ignore[assignment]

    async def apply(self, transaction: Transaction, batch: Sequence[Recorded]) -> None:
        """This will bring every read model forward by the batch."""
        of: dict[KeyedProjection[Any], list[Recorded]] = {}
        for recorded in batch:
            for projection in self._handling.get(type(recorded.event), ()):
                of.setdefault(projection, []).append(recorded)
        for projection, mine in of.items():
            await projection.apply(transaction, Place("simulated"), mine)  # type: ignore[arg-type]


class Noted(NamedTuple):
    """A row of a vendor's work."""

    attempts: int
    due_at: datetime
    correlation_id: UUID


class MemoryWork:
    """The vendor's table of work. Satisfies the port of `vending.vendor`."""

    def __init__(self, life: Life, tables: Tables, kind: Kind) -> None:
        self.life = life
        self.kind = kind
        self.rows = tables.of(kind.table)

    async def follow(self, cursor: Transaction, batch: Sequence[Recorded]) -> None:
        for recorded in batch:
            id = recorded.event.originator_id
            match self.kind.note(recorded.event):
                case Begun(due_at, correlation_id):
                    cursor.put(self.kind.table, id, Noted(0, due_at, correlation_id))
                case News(due_at):
                    known = cursor.get(self.kind.table, id)
                    if known is not None:
                        cursor.put(self.kind.table, id, known._replace(attempts=0, due_at=due_at))
                case Over():
                    cursor.put(self.kind.table, id, None)

    async def claim(self, now: datetime, limit: int) -> list[Task]:
        if not any(row.due_at <= now for row in self.rows.values()):
            return []  # whoever dies while there is nothing to do might as well have died before
        await self.life.step()
        due = sorted((row.due_at, id) for id, row in self.rows.items() if row.due_at <= now)[:limit]
        claimed = []
        for _, id in due:
            row = self.rows[id]
            self.rows[id] = row._replace(attempts=row.attempts + 1, due_at=now + LEASE)
            claimed.append(Task(id=id, attempts=row.attempts + 1, correlation_id=row.correlation_id))
        return claimed

    async def renew(self, tasks: Sequence[Task], now: datetime) -> None:
        await self.life.step()
        for task in tasks:
            row = self.rows.get(task.id)
            if row is not None and row.attempts == task.attempts:
                self.rows[task.id] = row._replace(due_at=now + LEASE)

    async def postpone(self, task: Task, until: datetime) -> None:
        await self.life.step()
        row = self.rows.get(task.id)
        if row is not None and row.attempts == task.attempts:
            self.rows[task.id] = row._replace(due_at=until)
