"""Deciding that a read model goes on without what it could not take."""

from __future__ import annotations

from uuid import UUID

from domain.commands.base import Commands
from domain.event import Context
from domain.left_out import LeftOut
from domain.log import Position


class LeftOutCommands(Commands):
    """What operators decide."""

    async def skip_parked(
        self, context: Context, *, read_model: str, aggregate_id: UUID, at_position: int, error: str, reason: str
    ) -> Position:
        """This will write down that what is parked at a position stays left out, and why; 0 where that is known.

        Raises SkippedWithoutReason, SkipReasonTooLong.
        """

        async def command() -> Position:
            left_out = await self.load(LeftOut, self.natural_id("left-out", f"{read_model}:{aggregate_id}"))
            left_out.skip(
                context,
                read_model=read_model,
                aggregate_id=aggregate_id,
                at_position=at_position,
                error=error,
                reason=reason,
            )
            return await self.save(left_out)

        return await self.attempt(command)
