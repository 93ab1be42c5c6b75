"""A follower: hands the log's events, in order and in batches, to somebody who writes down what they mean.

What is written and how far the follower has come are kept in one transaction, so that each event counts exactly once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, AsyncCursor
from psycopg.sql import SQL, Identifier
from psycopg_pool import PoolTimeout

from domain.event import Event
from eventlog.addresses import Where, connected
from eventlog.ahead import Ahead
from eventlog.codec import SchemaFromTheFuture, UnknownTopic
from eventlog.fence import Fence
from eventlog.keys import AccountKeyMissing, WrongMasterKey
from eventlog.leadership import LeadershipLost, lead
from eventlog.log import EventLog
from eventlog.pool import hurry, read
from eventlog.waiting import Pause, heard, place_of, waited

logger = logging.getLogger(__name__)

HOLDING = (
    *(psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, LeadershipLost),
    *(UnknownTopic, SchemaFromTheFuture, AccountKeyMissing, WrongMasterKey),
)
"""Not the event's fault but that of what is around it: the follower holds and tries again, it parks nothing."""

AHEAD_WITHIN_S = 0.5
"""How long a connection is waited for to read ahead on; then the page is read in its turn."""

LONGEST_REST_S = 1.0
"""A batch that waited for somebody's lock was long, and nobody needs a rest from it."""


class Recorded(NamedTuple):
    """An event and where it stands in the whole log."""

    position: int
    event: Event


class _Row(NamedTuple):
    """An event as it is stored, and where."""

    position: int
    topic: str
    state: bytes


class _Page(NamedTuple):
    """What is taken at once. `upto` is where it leads to, `mark` how far the fence let read; `events` may be decoded already."""

    rows: Sequence[_Row]
    upto: int
    mark: int
    events: Sequence[Event] | None = None


class Poison(NamedTuple):
    """An event that could not be taken, alone in its batch; `reason` names the error's class and place, no payload."""

    position: int
    originator_id: UUID
    topic: str
    reason: str


Apply = Callable[[AsyncCursor[Any], Sequence[Recorded]], Awaitable[None]]
Park = Callable[[AsyncCursor[Any], Poison], Awaitable[None]]


class Follower:
    """One reader of one utility's log under a name of its own.

    `apply` gets a cursor inside the transaction. `park` is called, likewise, for an event at which `apply` fails even
    alone: what it writes is kept, and the follower goes on; without it the follower holds at such an event, loudly.
    Without `waits_for_disk` what it wrote in the last second may be gone after a crash of PostgreSQL, its position with it:
    for what can be made again from the log, and nothing else.
    """

    def __init__(
        self,
        where: Where,
        log: EventLog,
        name: str,
        apply: Apply,
        *,
        park: Park | None = None,
        batch: int = 1000,
        waits_for_disk: bool = True,
    ) -> None:
        self.name = name
        self.position = 0
        self._where = where
        self._log = log
        self._apply = apply
        self._park = park
        self._largest = self._limit = batch
        self._waits_for_disk = waits_for_disk
        self._fence = Fence(log.schema)
        tracking = Identifier(log.schema, "tracking")
        self._tracked = SQL("SELECT position FROM {} WHERE name = %s").format(tracking)
        self._advance = SQL(
            "INSERT INTO {} AS known (name, position, mark, events, batch, moved_at)"
            " VALUES (%s, %s, %s, %s, %s, clock_timestamp()) ON CONFLICT (name) DO UPDATE SET position = excluded.position,"
            " mark = excluded.mark, events = known.events + excluded.events, batch = excluded.batch, moved_at = excluded.moved_at"
            " WHERE known.position = %s RETURNING position"
        ).format(tracking)
        self._ahead = Ahead[_Page]()
        events = Identifier(log.schema, "events")
        self._rows = SQL(
            "SELECT notification_id, topic, state FROM {}"
            " WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id LIMIT %s"
        ).format(events)
        self._originator = SQL("SELECT originator_id FROM {} WHERE notification_id = %s").format(events)

    async def run(self, stop: asyncio.Event) -> None:
        """This will follow until `stop` is set, through restarts of PostgreSQL; beside another of its name it stands by."""
        pause = Pause(shortest=0.05, longest=5.0)
        while not stop.is_set():
            try:
                async with await self._connect() as connection:
                    await connection.execute(SQL("LISTEN {}").format(Identifier(self._log.schema)))
                    if await lead(connection, self._log.schema, self.name, stop):
                        await self._follow(connection, stop, pause)
            except Exception as error:
                logger.warning("%s of %s holds at %d: %s", self.name, self._log.schema, self.position, place_of(error))
                await waited(stop, pause.next())

    async def catch_up(self, *, upto: int | None = None, rest: float = 0.0) -> int:
        """This will follow until there is nothing more, or up to a position, as the only one of its name, and give the
        position reached. After each batch it rests `rest` times as long as that took, a second at the most, for others on
        the machine.
        """
        async with await self._connect() as connection:
            if not await lead(connection, self._log.schema, self.name, None):
                raise LeadershipLost(self.name)
            await self._resume(connection)
            now, held = asyncio.get_running_loop().time, _while_held()
            with closing(self._ahead):
                while True:
                    began = now()
                    if await self.step(connection, upto):
                        held.reset()
                        await asyncio.sleep(min(rest * (now() - began), LONGEST_REST_S))
                    elif self._fence.held and (upto is None or self.position < upto):
                        await asyncio.sleep(held.next())
                    else:
                        return self.position

    async def step(self, connection: AsyncConnection[Any], upto: int | None = None) -> bool:
        """This will take one batch, not past `upto`; False where there was nothing to take."""
        page = await self._ahead.take() or await self._next(connection, upto)
        if page is None:
            return False
        if page.upto < page.mark:
            self._ahead.begin(self._read_ahead(page.upto, page.mark))
        try:
            await self._take(connection, page)
        except BaseException as error:
            self._ahead.close()
            if isinstance(error, HOLDING) or not isinstance(error, Exception):
                raise
            await self._isolate(connection, page, error)
        else:
            self._limit = min(self._largest, self._limit * 2)
        return True

    async def _next(self, connection: AsyncConnection[Any], upto: int | None) -> _Page | None:
        mark = await self._fence.mark(connection)
        if upto is not None:
            mark = min(mark, upto)
        return await self._read(connection, self.position, mark) if mark > self.position else None

    async def _read(self, connection: AsyncConnection[Any], after: int, mark: int) -> _Page:
        limit = self._limit  # it may be another by the time there is an answer
        found = await (await connection.execute(self._rows, (after, mark, limit), prepare=True, binary=True)).fetchall()
        rows = [_Row(*row) for row in found]
        return _Page(rows, mark if len(rows) < limit else rows[-1].position, mark)

    async def _read_ahead(self, after: int, mark: int) -> _Page:
        """The next page, on another connection, while one is taken: what the fence let pass once may be read at any time.

        One read model is caught up with a sixth sooner for it; all of them together are not.
        """
        page = await read(self._log.pool, lambda connection: self._read(connection, after, mark), within_s=AHEAD_WITHIN_S)
        return page._replace(events=await self._decoded(page))

    async def _decoded(self, page: _Page) -> Sequence[Event]:
        return await self._log.decode([(row.topic, row.state) for row in page.rows])

    async def _follow(self, connection: AsyncConnection[Any], stop: asyncio.Event, failures: Pause) -> None:
        await self._resume(connection)
        idle, held = Pause(shortest=0.05, longest=1.0), _while_held()
        with closing(self._ahead):
            while not stop.is_set():
                if await self.step(connection):
                    for pause in (failures, idle, held):
                        pause.reset()
                elif self._fence.held:
                    await waited(stop, held.next())
                else:
                    await heard(connection, stop, idle.next())

    async def _take(self, connection: AsyncConnection[Any], page: _Page) -> None:
        events = await self._decoded(page) if page.events is None else page.events
        async with connection.transaction(), connection.cursor() as cursor:
            await self._go_to(cursor, page.upto, page.mark, len(events))
            if events:
                await self._apply(cursor, [Recorded(row.position, event) for row, event in zip(page.rows, events, strict=True)])
        self.position = page.upto

    async def _isolate(self, connection: AsyncConnection[Any], page: _Page, error: Exception) -> None:
        """This will have half as many tried next time, or park the event that fails alone."""
        if len(page.rows) > 1:
            self._limit = len(page.rows) // 2
            return
        if self._park is None or not page.rows:
            raise error
        position, topic, _ = page.rows[0]
        [(originator_id,)] = await (await connection.execute(self._originator, [position])).fetchall()
        poison = Poison(position, originator_id, topic, place_of(error))
        logger.error("%s of %s cannot take %s at %d: %s", self.name, self._log.schema, topic, position, poison.reason)
        async with connection.transaction(), connection.cursor() as cursor:
            await self._go_to(cursor, position, page.mark, 1)
            await self._park(cursor, poison)
        self.position = position

    async def _go_to(self, cursor: AsyncCursor[Any], position: int, mark: int, events: int) -> None:
        await cursor.execute(self._advance, (self.name, position, mark, events, events, self.position), prepare=True)
        if await cursor.fetchone() is None:
            raise LeadershipLost(self.name)

    async def _resume(self, connection: AsyncConnection[Any]) -> None:
        # Transaction ids are a server's own: what was awaited on another connection may have been another server's.
        self._fence = Fence(self._log.schema)
        row = await (await connection.execute(self._tracked, [self.name])).fetchone()
        self.position = row[0] if row else 0

    async def _connect(self) -> AsyncConnection[Any]:
        connection = await connected(self._where, self.name)
        if not self._waits_for_disk:
            await hurry(connection)
        return connection


def _while_held() -> Pause:
    """Between looks at the mark while somebody's transaction holds it back: mostly it is over in a moment."""
    return Pause(shortest=0.001, longest=0.05)
