"""Choosing how much of each purchase goes to a debt: from the choice, through what Juice says, to its one end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from domain.account import Account
from domain.arrears_share import ArrearsShare, ShareNotUnderWay
from domain.commands.base import Commands
from domain.event import Context
from domain.log import Position
from domain.records import Answered


class ArrearsShareCommands(Commands):
    """A customer's choice, and the vendor's way with it. A choice is named by the id that follows from account and debt."""

    def share_id(self, account_id: UUID, debt_id: str) -> UUID:
        """This will give the id of the one choice that a debt has."""
        return self.natural_id("arrears-share", f"{account_id}:{debt_id}")

    async def choose_share(
        self,
        context: Context,
        *,
        account_id: UUID,
        debt_id: str,
        description: str,
        share: int,
        present: int,
        least: int,
        most: int,
        answer: Answered | None = None,
    ) -> Position:
        """This will record a share of each purchase (percent) for a debt, within the limits that Juice just told.

        `answer` is the record that repetitions of this command will be answered with. Raises ShareUnderWay, ShareBelowUtilitys,
        ShareAboveLimit, ShareUnchanged, ShareNotUnderWay where the account's person was forgotten.
        """
        message_id = self.new_id(context)

        async def command() -> Position:
            if (await self.load(Account, account_id)).forgotten:
                raise ShareNotUnderWay
            choice = await self.arrears_share(self.share_id(account_id, debt_id))
            choice.choose(
                context,
                account_id=account_id,
                debt_id=debt_id,
                description=description,
                share=share,
                present=present,
                least=least,
                most=most,
                message_id=message_id,
            )
            return await self.save(choice, records=[answer] if answer is not None else [])

        return await self.attempt(command)

    async def arrears_share(self, share_id: UUID) -> ArrearsShare:
        """This will give the choice as it is now."""
        return await self.load(ArrearsShare, share_id)

    async def send_share(self, context: Context, *, share_id: UUID, message_id: UUID) -> Position:
        """This will write down that Juice is about to be asked. Raises ShareNotUnderWay, also where another asked first."""
        return await self._share(share_id, lambda choice: choice.send(context, message_id=message_id))

    async def send_share_again(self, context: Context, *, share_id: UUID, message_id: UUID) -> Position:
        """This will write down that Juice is about to be sent the same message again. Raises ShareNotUnderWay."""
        return await self._share(share_id, lambda choice: choice.send_again(context, message_id=message_id))

    async def doubt_share(self, context: Context, *, share_id: UUID, message_id: UUID, reason: str) -> Position:
        """This will write down that Juice's reply was lost. Raises ShareNotUnderWay."""
        return await self._share(share_id, lambda choice: choice.doubt(context, message_id=message_id, reason=reason))

    async def flag_share(self, context: Context, *, share_id: UUID, message_id: UUID) -> Position:
        """This will have staff look at a choice whose doubt lasts, once."""
        return await self._share(share_id, lambda choice: choice.flag(context, message_id=message_id))

    async def confirm_share(self, context: Context, *, share_id: UUID, message_id: UUID) -> Position:
        """This will end the choice: Juice takes the share. Raises ShareNotUnderWay."""
        return await self._share(share_id, lambda choice: choice.confirm(context, message_id=message_id))

    async def refuse_share(
        self, context: Context, *, share_id: UUID, message_id: UUID, rule: str, copies: tuple[datetime, ...] | None = None
    ) -> Position:
        """This will end the choice: Juice is known not to have made it; `copies` are those of which that is known, None for all.

        Raises ShareNotUnderWay.
        """
        return await self._share(share_id, lambda choice: choice.refuse(context, message_id=message_id, rule=rule, copies=copies))

    async def _share(self, share_id: UUID, act: Callable[[ArrearsShare], None]) -> Position:
        async def command() -> Position:
            choice = await self.arrears_share(share_id)
            act(choice)
            return await self.save(choice)

        return await self.attempt(command)
