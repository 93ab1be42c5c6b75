"""Compares each day's books once the day has settled, and writes down what differs. Done again, it changes nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from domain.difference import Finding, Sums
from domain.event import Context
from domain.portal import Portal
from domain.utility import Description
from eventlog.addresses import Where, connected
from eventlog.leadership import lead
from eventlog.waiting import waited
from vending.card_provider import ProviderRefused, ProviderSilent, ProviderUnreachable
from vending.comparing import compare, sums
from vending.gathering import Gathering
from vending.juice_refusals import JuiceRefused, JuiceSilent, JuiceUnreachable

logger = logging.getLogger(__name__)

RECONCILES_AS = "reconciling"
LOOKS_EVERY_S = 300.0

SETTLES_WITHIN = timedelta(hours=3)
"""So long after a day's end nearly everything of it has come to its end; what comes later is settled by a later comparison."""

DAYS_BACK = 7
"""Days that are made up for where nobody compared, because Juice, the provider or Seed was away."""


class DayNotOver(Exception):
    """A day is compared when it is over: until then its books are not closed."""


class ReadModelsBehind(Exception):
    """What was sold of late cannot be found yet: what would be compared is not all."""


class UtilityUnknown(Exception):
    """Juice has not described the utility yet."""


AWAY = (JuiceRefused, JuiceSilent, JuiceUnreachable, ProviderRefused, ProviderSilent, ProviderUnreachable, ReadModelsBehind)
"""One of the books cannot be read now. Half a comparison is none: the day is compared later."""


class OpenDifference(Protocol):
    """A difference that nobody has settled, and the day in whose books it was found."""

    @property
    def difference_id(self) -> UUID: ...

    @property
    def day(self) -> date: ...


class OpenDifferences(Protocol):
    """Where the differences are found that are open."""

    async def open(self) -> Sequence[OpenDifference]:
        """This will give all of them."""
        ...

    async def caught_up(self) -> bool:
        """This will say whether all that was written down before now can be found."""
        ...


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What the comparison of a day came to."""

    day: date
    sums: Sums
    findings: tuple[Finding, ...]


class Reconciler:
    """Compares the books of one utility."""

    def __init__(self, portal: Portal, gathering: Gathering, known: OpenDifferences) -> None:
        self.portal = portal
        self.gathering = gathering
        self.known = known

    async def reconcile(self, day: date, context: Context, settles: timedelta = SETTLES_WITHIN) -> Compared:
        """This will compare a day, write down what differs, and settle what was found there before and differs no more.

        `settles` after its end it has settled: what was compared before that is compared again then.

        Raises DayNotOver, UtilityUnknown, and what AWAY names.
        """
        utility = await self._utility()
        since, until = bounds(day, utility.zone)
        if until > context.at:
            raise DayNotOver(day.isoformat())
        if not await self.known.caught_up():
            raise ReadModelsBehind
        before = [each.difference_id for each in await self.known.open() if each.day == day]
        books = await self.gathering.books(since, until, utility.currency)
        findings = compare(books)
        for finding in findings:
            await self.portal.find_difference(context, day=day, finding=finding)
        met = {self.portal.difference_id(finding) for finding in findings}
        for difference_id in before:
            if difference_id not in met:
                await self.portal.difference_vanished(context, difference_id=difference_id)
        added = sums(books, len(findings))
        await self.portal.reconcile_day(context, day=day, sums=added, settled_at=until + settles)
        return Compared(day=day, sums=added, findings=tuple(findings))

    async def due(self, now: datetime, settles: timedelta) -> list[date]:
        """This will give the days to be compared, the oldest first: the last ones that nobody compared since they had settled;
        and where there is one, also those with open differences, which may have settled themselves.
        """
        utility = await self._utility()
        last = (now - settles).astimezone(ZoneInfo(utility.zone)).date() - timedelta(days=1)
        days = [last - timedelta(days=back) for back in range(DAYS_BACK)]
        new = [day for day in days if not await self._is_compared(day, utility.zone, settles)]
        if not new:
            return []
        return sorted({*new, *(each.day for each in await self.known.open())})

    async def yesterday(self, now: datetime) -> date:
        """This will give the last day of the utility that is over."""
        return now.astimezone(ZoneInfo((await self._utility()).zone)).date() - timedelta(days=1)

    def reconciling(
        self,
        where: Where,
        schema: str,
        context: Callable[[], Context],
        *,
        settles: timedelta = SETTLES_WITHIN,
        every_s: float = LOOKS_EVERY_S,
    ) -> Callable[[asyncio.Event], Any]:
        """This will give the loop that compares each day, in one process at a time."""

        async def run(stop: asyncio.Event) -> None:
            async with await connected(where, RECONCILES_AS) as connection:
                if not await lead(connection, schema, RECONCILES_AS, stop):
                    return
                while not stop.is_set():
                    # The lead ends with the connection: it is tried before each round.
                    await connection.execute("SELECT 1")
                    await self.round(context, settles)
                    await waited(stop, every_s)

        return run

    async def round(self, context: Callable[[], Context], settles: timedelta = SETTLES_WITHIN) -> None:
        """This will compare what is due; a book that cannot be read is tried again in the next round."""
        try:
            for day in await self.due(context().at, settles):
                compared = await self.reconcile(day, context(), settles)
                facts = {"day": day.isoformat(), "differences": len(compared.findings)}
                logger.log(logging.WARNING if compared.findings else logging.INFO, "a day was reconciled", extra=facts)
        except UtilityUnknown:
            return
        except AWAY as error:
            logger.warning("a day cannot be reconciled yet", extra={"error": type(error).__name__})

    async def _is_compared(self, day: date, zone: str, settles: timedelta) -> bool:
        """Whoever compared it by hand sooner met what was still under way, and not all that came of it."""
        compared_at = await self.portal.compared_at(day)
        return compared_at is not None and compared_at >= bounds(day, zone)[1] + settles

    async def _utility(self) -> Description:
        utility = await self.portal.utility()
        if utility is None:
            raise UtilityUnknown
        return utility


def bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """This will give when a utility's day begins and when the next one does: 23 to 25 hours later, in UTC."""
    begins, ends = (datetime.combine(each, time(), ZoneInfo(zone)) for each in (day, day + timedelta(days=1)))
    return begins.astimezone(UTC), ends.astimezone(UTC)
