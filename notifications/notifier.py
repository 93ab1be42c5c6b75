"""The notifier's loop: send what is due, destroy the secrets whose copies are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncCursor
from psycopg_pool import AsyncConnectionPool

from domain.contact import ContactChannel
from domain.log import Log
from domain.records import SecretDestroyed
from eventlog.follower import Apply, Recorded
from eventlog.pool import read, write
from eventlog.waiting import Pause, woken
from notifications.channels import Channel
from notifications.delivery import Resolve, deliver_due
from notifications.outbox import Outbox

SWEEP_EVERY = timedelta(hours=1)


class Notifier:
    """Sends one utility's messages."""

    def __init__(
        self,
        pool: AsyncConnectionPool[Any],
        outbox: Outbox,
        write: Resolve,
        channels: Mapping[ContactChannel, Channel],
        log: Log,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self.pool = pool
        self.outbox = outbox
        self.write = write
        self.channels = channels
        self.log = log
        self.now = now
        self._new = asyncio.Event()
        self._sweep_at = now()

    def waking(self, follow: Apply) -> Apply:
        """This will give the follower's handler, which also wakes the sending."""

        async def follow_and_wake(cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
            await follow(cursor, batch)
            # The follower commits after this; the worker looks again soon in any case.
            asyncio.get_running_loop().call_later(0.005, self._new.set)

        return follow_and_wake

    async def run(self, stop: asyncio.Event) -> None:
        """This will send until `stop` is set."""
        pause = Pause(shortest=0.1, longest=1.0)
        while not stop.is_set():
            self._new.clear()
            await self._sweep()
            if await self.step():
                pause.reset()
                continue
            await woken(self._new, stop, pause.next())

    async def step(self) -> int:
        """This will send a batch of what is due, and destroy secrets that have no purpose any more; gives what was sent."""
        sent = await deliver_due(self.pool, self.outbox, self.write, self.channels, self.now())
        told = await read(self.pool, self.outbox.told_secrets)
        if told:
            await self.log.append([], [SecretDestroyed(secret_id=secret_id) for secret_id in told])
            await write(self.pool, lambda connection: self.outbox.release_secrets(connection, told))
        return sent

    async def _sweep(self) -> None:
        """Passwords nobody could be told of end with their time; looked for now and then."""
        if self.now() >= self._sweep_at:
            await self.log.sweep(self.now())
            self._sweep_at = self.now() + SWEEP_EVERY
