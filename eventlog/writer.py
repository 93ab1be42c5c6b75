"""The writer: one for each process and utility. The first command goes at once; those that arrive meanwhile share the next
transaction, so that they share one wait for the disk."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

import psycopg
from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier
from psycopg_pool import PoolTimeout

from eventlog.hint import Hint
from eventlog.line import Line
from eventlog.operations import INSERT_EVENTS
from eventlog.pool import Pool
from eventlog.transaction import Append, Change, EventRow, TransactionFailed, write
from eventlog.waiting import Pause, place_of

logger = logging.getLogger(__name__)

RETRIED = ("40001", "40P01")
"""Serialization failure, deadlock: PostgreSQL took the transaction back, and it may be made again at once."""

UNAVAILABLE = ("08", "53", "57", "25006", "55P03")
"""Connection, resources, operator intervention, read-only, lock not available: the transaction may be made later."""

LOOK_AGAIN = 1.0
"""Seconds to wait for a connection before seeing who has waited too long."""


class AppendRefused(Exception):
    """The database refused the rows for a reason that is none of the known ones; nothing was written."""


class Writer:
    """Appends to one utility's log.

    `waiting` bounds the commands that wait, `patience` (seconds) how long one waits for a database that is away,
    `together` the commands of one transaction.
    """

    def __init__(
        self,
        pool: Pool,
        schema: str,
        *,
        waiting: int = 4096,
        patience: float = 15.0,
        together: int = 256,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._schema = schema
        self._patience = patience
        self._monotonic = monotonic
        self._line = Line(longest=waiting, together=together)
        self._hint = Hint(pool, schema)
        self._task: asyncio.Task[None] | None = None
        self._find = SQL(
            "SELECT topic, state, notification_id FROM {} WHERE originator_id = %s AND originator_version = %s"
        ).format(Identifier(schema, "events"))

    async def append(self, events: Sequence[EventRow], changes: Sequence[Change] = ()) -> int:
        """This will write events and changes in one transaction and give the last event's position; 0 without events.

        A caller that is cancelled leaves the others of its transaction alone. Raises IntegrityError,
        NumberAlreadyTaken, KeyAlreadyMade, ClaimLost, AppendRefused, LogBusy, LogUnavailable, OutcomeUnknown.
        """
        outcome: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._line.join(Append(events, changes, outcome, self._monotonic() + self._patience))
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        return await outcome

    async def _drain(self) -> None:
        pause = Pause(shortest=0.05, longest=1.0)
        try:
            while self._line:
                try:
                    async with self._pool.connection(timeout=LOOK_AGAIN) as connection:
                        while batch := self._line.next():
                            await self._write(connection, batch)
                            pause.reset()
                            await asyncio.sleep(0)  # those whose command is done may give their next one
                except (psycopg.OperationalError, PoolTimeout, TransactionFailed) as error:
                    logger.warning("The log of %s cannot be written: %s", self._schema, error)
                    self._line.give_up(self._monotonic())
                    await asyncio.sleep(pause.next())
                    await self._pool.check()
        except asyncio.CancelledError:
            self._line.give_up()
            raise
        except Exception as error:
            logger.error("The writer of %s ended: %s", self._schema, place_of(error))
            self._line.give_up()
        finally:
            self._task = None

    async def _write(self, connection: AsyncConnection, batch: list[Append]) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await write(connection, self._schema, batch)
        except TransactionFailed as failure:
            await self._recover(connection, batch, failure)
        except TimeoutError:
            await connection.close()
            self._line.doubt(batch)
            raise TransactionFailed("no reply", None, None, lost=True) from None
        except BaseException:
            self._line.doubt(batch)
            raise
        else:
            self._done(batch)

    async def _recover(self, connection: AsyncConnection, batch: list[Append], failure: TransactionFailed) -> None:
        """This will see to it that a failed transaction is made again, in halves until the culprit stands alone."""
        if failure.lost:
            self._line.doubt(batch)
            raise failure
        if failure.state.startswith(UNAVAILABLE):
            self._line.repeat(batch)
            raise failure
        if failure.state in RETRIED:
            self._line.repeat(batch)
        elif len(batch) > 1:
            self._line.halve(batch)
        else:
            await self._judge(connection, batch[0], failure)

    async def _judge(self, connection: AsyncConnection, append: Append, failure: TransactionFailed) -> None:
        """This will tell a command that failed alone why, or that it was in the log already."""
        operation = failure.operation
        if operation is None or operation.conflict is None or not failure.state.startswith("23"):
            append.refuse(AppendRefused(str(failure)))
        elif operation is INSERT_EVENTS and append.in_doubt and await self._is_there(connection, append):
            self._done([append])
        else:
            append.refuse(operation.conflict())

    async def _is_there(self, connection: AsyncConnection, append: Append) -> bool:
        """This will say whether the rows in the log are the command's own, byte for byte: its acknowledgement was lost."""
        positions = []
        try:
            for row in append.events:
                found = await (await connection.execute(self._find, row[:2])).fetchone()
                if found is None or (found[0], found[1]) != (row.topic, row.state):
                    return False
                positions.append(found[2])
        except psycopg.Error:
            self._line.repeat([append])
            raise
        append.position = max(positions)
        return True

    def _done(self, batch: Sequence[Append]) -> None:
        self._line.done(batch)
        if any(append.events for append in batch):
            self._hint.give()
