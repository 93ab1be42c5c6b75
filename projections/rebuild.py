"""Builds a read model anew beside the live one, compares the two row by row, and puts it in its place in one transaction.

Interrupted, it goes on where it was: the tables beside the live ones and their own tracking stay, until another version of the
code begins anew. It never goes past the live read models, so that it needs nobody to move them on.

The whole comparison reads a snapshot in which both stand at one position, and locks nothing that anybody waits for. From then
on triggers beside note which rows are touched; those few are compared again in the transaction that switches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection, AsyncCursor, sql
from psycopg.errors import LockNotAvailable

from eventlog.addresses import Where, connected
from eventlog.follower import Follower, Recorded
from eventlog.leadership import LeadershipLost, lead
from eventlog.log import EventLog
from eventlog.waiting import Pause
from projections.building import Building
from projections.comparing import Comparison, Finding, Shape, words
from projections.projection import Place, Projection
from projections.projector import TRACKED_AS, Projector
from projections.tables import REBUILDING, swap_statements
from projections.touched import forget_statements, note_statements

LOOK_AGAIN_S = 0.02
LOOK_AGAIN_AT_LAST_S = 2.0
"""Between tries to swap, each of which makes others wait."""

NEAR = 1000
"""Positions: so far behind the live read models the rest is taken while they stand still for a moment."""

PATIENCE = "100ms"
"""How long the swap waits for those who read the tables: everybody else waits behind it meanwhile."""

BY_INDEX = "SELECT set_config('enable_seqscan', 'off', {0}), set_config('jit', 'off', {0})"
"""For the session or, where told `true`, the transaction. The tables beside are empty or have no statistics when their
statements are planned: PostgreSQL would read them from end to end for each batch. A batch of 250 takes six tenths of the time for
it, of larger tables less. What is read from end to end all the same has a cost for which PostgreSQL before 18 would compile.
"""

Progress = Callable[[int, int], None]
"""Told of the position reached and of how many events the batch had."""


class Speed(NamedTuple):
    """How many events a batch has, and how long it rests after each: in times of what the batch took."""

    batch: int
    rest: float = 0.0


FULL_SPEED = Speed(1000)

GENTLE = Speed(100, 1.0)
"""While it builds, it works half of the time, and a batch is over in the time of a request; it takes about four times as long.
What that is worth to whoever uses the site: `rebuild.live` in docs/performance.md.
"""


class RebuildUnderWay(Exception):
    """Somebody else rebuilds this read model."""


class Differs(Exception):
    """The new tables differ from the live ones, and that was not accepted: nothing was switched, and they stay beside."""

    def __init__(self, finding: Finding, *, refused: bool) -> None:
        """`refused`: something was accepted, but not this."""
        super().__init__(finding.words)
        self.finding = finding
        self.refused = refused


class _DiffersByNow(Exception):
    """Rows that were touched since the comparison differ in a way that it did not find."""


class Rebuild:
    """Rebuilds one projection of one utility. `accepted` are the words of the last finding, where it is agreed to."""

    def __init__(
        self,
        where: Where,
        log: EventLog,
        projection: Projection,
        progress: Progress,
        *,
        accepted: str | None = None,
        speed: Speed = GENTLE,
    ) -> None:
        self.where = where
        self.log = log
        self.projection = projection
        self.progress = progress
        self.accepted = accepted
        self.finding: Finding | None = None
        """What the comparison came to, once there was one."""
        self._speed = speed
        self._building = Building(log.schema, projection)
        self._comparison = Comparison(log.schema, projection)
        self._beside = Place(log.schema, REBUILDING)
        self._projector = Projector([projection], self._beside)

    async def run(self) -> int:
        """This will rebuild, compare and swap, and give the position at which the new tables took over.

        Raises Differs, RebuildUnderWay.
        """
        async with await self._connect() as connection:
            if not await lead(connection, self.log.schema, f"building {self.projection.name}", None):
                raise RebuildUnderWay(self.projection.name)
            await self._building.begin(connection)
            found = await self._building.found(connection)
            while True:
                finding = await self._compared(connection)
                agreed = frozenset({group.shape for group in found} if self.accepted == words(found) else ())
                if self.accepted == finding.words:
                    agreed |= finding.shapes
                if not finding.shapes <= agreed:
                    await self._building.find(connection, finding.groups)
                    raise Differs(finding, refused=self.accepted is not None)
                try:
                    return await self._switched(connection, agreed)
                except _DiffersByNow:
                    continue

    async def _compared(self, connection: AsyncConnection[Any]) -> Finding:
        """This will catch up, and compare all at the one position at which both stand then."""
        async with await self._connect() as beside, await self._connect() as reader:
            while True:
                await self._catch_up()
                async with reader.transaction():
                    # One process and no more: whoever reads the live tables shall not notice.
                    await reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    await reader.execute("SET LOCAL max_parallel_workers_per_gather = 0")
                    await reader.execute("SET LOCAL enable_seqscan = on")  # it reads all of them
                    async with connection.transaction():
                        await self._hold_live(connection)
                        await self._draw_level(beside)
                        level = await self._is_level(reader)  # its first look: the snapshot
                    if level:
                        self.finding = await self._comparison.whole(reader.cursor())
                        return self.finding

    async def _draw_level(self, connection: AsyncConnection[Any]) -> None:
        """This will take what the live read models, which are held, took meanwhile; and note what is touched from then on."""
        async with connection.transaction(), connection.cursor() as cursor:
            await self._bridge(cursor)
            for statement in (
                *forget_statements(self.log.schema, self.projection),
                *note_statements(self.log.schema, self.projection),
            ):
                await cursor.execute(statement)

    async def _is_level(self, connection: AsyncConnection[Any]) -> bool:
        return await self._building.live(connection) == await self._building.position(connection)

    async def _switched(self, connection: AsyncConnection[Any], agreed: frozenset[Shape]) -> int:
        """This will swap as soon as nobody who reads the tables keeps it waiting. Raises _DiffersByNow."""
        pause = Pause(shortest=LOOK_AGAIN_S, longest=LOOK_AGAIN_AT_LAST_S)
        while True:
            await self._catch_up()
            try:
                async with connection.transaction(), connection.cursor() as cursor:
                    for table in self.projection.tables:
                        # Autovacuum may be at it, and ends for whoever waits a second. This lock keeps no reader waiting, and
                        # takes no transaction id, for which every follower on the server would wait.
                        lock = sql.SQL("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE")
                        await cursor.execute(lock.format(self._beside.of(table.name)))
                    await cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(PATIENCE))
                    await self._hold_live(connection)
                    position = await self._bridge(cursor)
                    if not await self._comparison.touched(cursor) <= agreed:
                        raise _DiffersByNow
                    await self._building.end(cursor)
                    # Last and sent at once: readers wait from the first of them on, and shall wait for no program in between.
                    swap = (
                        *forget_statements(self.log.schema, self.projection),
                        *swap_statements(self.log.schema, self.projection),
                    )
                    await cursor.execute(sql.SQL("; ").join(swap))
                return position
            except LockNotAvailable:  # somebody reads long, an analyst perhaps
                await asyncio.sleep(pause.next())

    async def _catch_up(self) -> None:
        """This will come near the live read models, which go on meanwhile; without rests where they would draw away."""
        rest, before = self._speed.rest, None
        while True:
            async with await self._connect() as connection:
                live = await self._building.live(connection)
            follower = Follower(
                self.where, self.log, self._building.tracked_as, self._apply, batch=self._speed.batch, waits_for_disk=False
            )
            reached = await follower.catch_up(upto=live, rest=rest)
            async with await self._connect() as connection:
                left = await self._building.live(connection) - reached
            if left <= NEAR:
                return
            if before is not None and left > before / 2:
                rest = 0.0
            before = left

    async def _apply(self, cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
        await cursor.execute(BY_INDEX.format("true"))
        await self._projector.apply(cursor, batch)
        self.progress(batch[-1].position, len(batch))

    async def _hold_live(self, connection: AsyncConnection[Any]) -> None:
        """This will keep the live projector where it is until the transaction's end."""
        query = sql.SQL("SELECT position FROM {} WHERE name = %s FOR UPDATE").format(self._table("tracking"))
        await connection.execute(query, (TRACKED_AS,))

    async def _bridge(self, cursor: AsyncCursor[Any]) -> int:
        """What the live projector took while we came near: few, and all visible, since it has taken them."""
        reached, live = await self._building.position(cursor), await self._building.live(cursor)
        if live < reached:
            raise LeadershipLost("the live read models went back")
        await cursor.execute(
            sql.SQL(
                "SELECT notification_id, topic, state FROM {} WHERE notification_id > %s AND notification_id <= %s"
                " ORDER BY notification_id"
            ).format(self._table("events")),
            (reached, live),
        )
        rows = await cursor.fetchall()
        events = await self.log.decode([(topic, bytes(state)) for _, topic, state in rows])
        if rows:
            await self._projector.apply(cursor, [Recorded(row[0], event) for row, event in zip(rows, events, strict=True)])
        await self._building.move(cursor, live)
        return live

    async def _connect(self) -> AsyncConnection[Any]:
        connection = await connected(self.where, "rebuild")
        await connection.execute("SET client_min_messages = warning")
        await connection.execute(BY_INDEX.format("false"))
        return connection

    def _table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self.log.schema, name)
