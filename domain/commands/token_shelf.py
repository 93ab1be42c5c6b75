"""What a customer asks of the token shelf (journey 13)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from domain.account import Account
from domain.aggregate import Refusal
from domain.commands.base import Commands
from domain.event import Context
from domain.log import Position
from domain.token_shelf import TokenShelf, shelf_id


class ContactNotConfirmed(Refusal):
    """Tokens are sent only where a contact of the account is known to be read by whoever gave it."""


class TokenShelfCommands(Commands):
    """Commands about tokens. The token, or the transaction, is one that the account was shown."""

    async def mark_token_entered(self, context: Context, *, account_id: UUID, token_id: UUID) -> Position:
        """This will record that a token was entered. The position is 0 where that is known already."""
        return await self._change(account_id, lambda shelf: shelf.mark_entered(context, account_id=account_id, token_id=token_id))

    async def remove_token_mark(self, context: Context, *, account_id: UUID, token_id: UUID) -> Position:
        """This will record that a token was not entered after all. The position is 0 where that is known already."""
        return await self._change(account_id, lambda shelf: shelf.remove_mark(context, account_id=account_id, token_id=token_id))

    async def request_tokens_again(self, context: Context, *, account_id: UUID, contact_id: UUID, juice_number: str) -> Position:
        """This will have the tokens of a transaction sent to a contact once more. Raises ContactNotConfirmed."""
        contact = (await self.load(Account, account_id)).contacts.get(contact_id)
        if contact is None or not contact.confirmed:
            raise ContactNotConfirmed
        return await self._change(
            account_id,
            lambda shelf: shelf.request_resend(context, account_id=account_id, contact_id=contact_id, juice_number=juice_number),
        )

    async def _change(self, account_id: UUID, act: Callable[[TokenShelf], None]) -> Position:
        async def command() -> Position:
            shelf = await self.load(TokenShelf, shelf_id(account_id))
            act(shelf)
            return await self.save(shelf)

        return await self.attempt(command)
