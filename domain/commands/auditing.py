"""Reading an account's history leaves a trace in it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domain.audit_trail import AuditTrail, trail_id
from domain.commands.base import Commands
from domain.event import Context
from domain.log import Position


class AuditingCommands(Commands):
    """What auditors do."""

    async def record_reading(
        self,
        context: Context,
        *,
        account_id: UUID,
        what: str,
        as_of: datetime | None = None,
        until: Position | None = None,
        case: str | None = None,
    ) -> Position:
        """This will record that somebody reads `what` (history or state) of the account, before they are shown it."""

        async def command() -> Position:
            trail = await self.load(AuditTrail, trail_id(account_id))
            trail.record_reading(context, account_id=account_id, what=what, as_of=as_of, until=until, case=case)
            return await self.save(trail)

        return await self.attempt(command)
