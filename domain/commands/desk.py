"""What the utility's staff does to a customer's account."""

from __future__ import annotations

from uuid import UUID

from domain.commands.identity import IdentityCommands
from domain.event import Context
from domain.log import Position


class DeskCommands(IdentityCommands):
    """Commands of the staff."""

    async def remove_wrong_contact(self, context: Context, *, account_id: UUID, contact_id: UUID) -> Position:
        """This will remove a secondary contact that is not the customer's. Raises NoSuchContact, RegisteredContactStays."""

        async def command() -> Position:
            account = await self.account(account_id)
            account.remove_wrong_contact(context, contact_id)
            return await self.save(account)

        return await self.attempt(command)
