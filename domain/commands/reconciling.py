"""Comparing books: what a comparison found, what became of it, and how somebody settled it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from domain.commands.base import Commands
from domain.difference import Difference, Finding, ReconciledDay, Sums
from domain.difference_events import ByHand
from domain.event import Context
from domain.log import Position


class ReconcilingCommands(Commands):
    """What the vendor finds, and what staff does about it."""

    def difference_id(self, finding: Finding) -> UUID:
        """This will give the id that follows from what differs, so that no day and no vendor finds it twice."""
        return self.natural_id("difference", f"{finding.kind}:{finding.subject}")

    async def reconciled(self, day: date) -> Sums | None:
        """This will give what the comparison of a day came to; None where there was none."""
        return (await self.load(ReconciledDay, self._day_id(day))).sums

    async def compared_at(self, day: date) -> datetime | None:
        """This will give when a day was compared last, as far as that was written down; None where nobody compared it."""
        return (await self.load(ReconciledDay, self._day_id(day))).compared_at

    async def find_difference(self, context: Context, *, day: date, finding: Finding) -> Position:
        """This will write down a difference; 0 where it is known."""

        async def command() -> Position:
            difference = await self.load(Difference, self.difference_id(finding))
            difference.find(context, day=day, finding=finding)
            return await self.save(difference)

        return await self.attempt(command)

    async def difference_vanished(self, context: Context, *, difference_id: UUID) -> Position:
        """This will write down that the books agree by now; 0 where that is known."""

        async def command() -> Position:
            difference = await self.load(Difference, difference_id)
            difference.vanish(context)
            return await self.save(difference)

        return await self.attempt(command)

    async def settle_difference(self, context: Context, *, difference_id: UUID, how: ByHand, case: str | None) -> Position:
        """This will write down how somebody settled it. Raises NoSuchDifference, NoSuchSettlement, DifferenceNotOpen."""

        async def command() -> Position:
            difference = await self.load(Difference, difference_id)
            difference.settle(context, how=how, case=case)
            return await self.save(difference)

        return await self.attempt(command)

    async def reconcile_day(self, context: Context, *, day: date, sums: Sums, settled_at: datetime) -> Position:
        """This will write down what the comparison of a day came to; 0 where that is known since the day had settled."""

        async def command() -> Position:
            reconciled = await self.load(ReconciledDay, self._day_id(day))
            reconciled.reconcile(context, day=day, sums=sums, settled_at=settled_at)
            return await self.save(reconciled)

        return await self.attempt(command)

    def _day_id(self, day: date) -> UUID:
        return self.natural_id("reconciled-day", day.isoformat())
