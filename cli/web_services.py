"""What the web stands on, made of what every process opens."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cli.deployment import Utility, opened
from config import Settings
from domain.utility import Description
from eventlog.line import LogBusy, LogUnavailable
from eventlog.pool import read
from eventlog.replica import Replica
from notifications.outbox import Outbox
from vending.work import PURCHASES, REDEMPTIONS, SHARES, Work
from web.operations.metrics import read_beside_replica
from web.services import Services, Undelivered, UtilityServices, Waiting


@asynccontextmanager
async def services(settings: Settings) -> AsyncIterator[Services]:
    """This will open what the web stands on."""
    async with opened(settings, name="web") as deployment, _replica(settings) as replica:
        yield Services(
            utilities=[_services(utility, replica) for utility in deployment.utilities],
            pool=deployment.pool,
            counts=deployment.pools.counts,
            randomness=os.urandom,
            busy=(LogBusy, LogUnavailable, UtilityNotDescribed),
        )


@asynccontextmanager
async def _replica(settings: Settings) -> AsyncIterator[Replica | None]:
    if settings.replica_url is None:
        yield None
        return
    replica = Replica(settings.replica_url)
    await replica.open()
    try:
        yield replica
    finally:
        await replica.close()


def _services(utility: Utility, replica: Replica | None) -> UtilityServices:
    pool, schema = utility.pool, utility.schema

    async def waiting() -> list[Waiting]:
        now = datetime.now(UTC)

        async def ask(connection: Any) -> dict[str, tuple[int, float]]:
            return {
                "messages": await Outbox(schema).waiting(connection, now),
                "vending": await Work(pool, schema, REDEMPTIONS).waiting(connection, now),
                "purchases": await Work(pool, schema, PURCHASES).waiting(connection, now),
                "shares": await Work(pool, schema, SHARES).waiting(connection, now),
            }

        found = await read(pool, ask)
        return [Waiting(what=what, count=count, oldest_s=oldest) for what, (count, oldest) in found.items()]

    async def undelivered(*, since: datetime, limit: int, before: tuple[datetime, UUID] | None = None) -> list[Undelivered]:
        async def ask(connection: Any) -> list[Undelivered]:
            found = await Outbox(schema).undelivered(connection, since=since, limit=limit, before=before)
            return [Undelivered(**each) for each in found]

        return await read(pool, ask)

    return UtilityServices(
        code=utility.code,
        hosts=utility.hosts,
        site=utility.site,
        portal=utility.portal,
        views=utility.views if replica is None else utility.views.beside(replica, read_beside_replica),
        juice=utility.juice,
        cards=utility.cards,
        secrets=utility.secrets,
        log=utility.log,
        description=Descriptions(utility).current,
        history=utility.history,
        waiting=waiting,
        undelivered=undelivered,
    )


class UtilityNotDescribed(Exception):
    """Juice has not told who this utility is: the vendor has to have read its feeds once."""


class Descriptions:
    """A utility's description, which each page needs several times and Juice changes once a year: looked at once a second.

    It was a tenth of a dashboard's processor time.
    """

    LOOKED_AT_EVERY = 1.0

    def __init__(self, utility: Utility) -> None:
        self._utility = utility
        self._known: Description | None = None
        self._until = float("-inf")

    async def current(self) -> Description:
        """This will give the description, as it was a second ago at most. Raises UtilityNotDescribed."""
        now = asyncio.get_running_loop().time()
        if self._known is None or now >= self._until:
            self._known = await self._utility.portal.utility()
            self._until = now + self.LOOKED_AT_EVERY
        if self._known is None:
            raise UtilityNotDescribed(self._utility.code)
        return self._known
