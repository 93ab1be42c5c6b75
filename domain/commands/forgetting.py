"""Forgetting a person: their credentials end and what is personal becomes unreadable; the money's history stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec

from domain.account import Account
from domain.aggregate import Refusal
from domain.commands.identity import IdentityCommands
from domain.event import Context
from domain.log import Position
from domain.purchase import Purchase
from domain.redemption import CardRedemption


class MoneyUnderWay(Refusal):
    """A purchase or a card's redemption of the account has not come to its end: what it still needs would be unreadable."""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """The purchases and redemptions that an account ever began."""

    purchases: tuple[UUID, ...] = ()
    redemptions: tuple[UUID, ...] = ()


class ForgettingCommands(IdentityCommands):
    """What a person may ask of whoever keeps their data."""

    async def forget_person(self, context: Context, *, account_id: UUID, begun: Callable[[], Awaitable[Begun]]) -> Position:
        """This will end the account's credentials and destroy its key; the money's history stays.

        `begun` says what was begun up to the log's end. Raises MoneyUnderWay while any of it is under way: then
        nothing is destroyed. The account's number goes on leading to it, as a keyed hash, so that Juice's feeds do not open
        it anew. Killed or refused in between, the command is given again.
        """
        await self._check_ended(account_id, await begun())

        async def command() -> Position:
            account = await self.load(Account, account_id)
            account.forget(context)
            return await self.save(account, records=[self.version_of(account)])

        position = await self.attempt(command)
        # From here on nothing new is begun; what began since it was looked at is seen now, before anything is destroyed.
        await self._check_ended(account_id, await begun())
        await self.event_log.forget(account_id)
        return position

    async def _check_ended(self, account_id: UUID, begun: Begun) -> None:
        for purchase_id in begun.purchases:
            if not (await self.load(Purchase, purchase_id)).has_ended:
                raise MoneyUnderWay
        for redemption_id in begun.redemptions:
            redemption = await self.load(CardRedemption, redemption_id)
            # The same card may have gone to another account since.
            if redemption.under_way and redemption.account_id == account_id:
                raise MoneyUnderWay
