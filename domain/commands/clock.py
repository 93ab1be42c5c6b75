"""How much or how little a customer is contacted, and what they are told by it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.account import Account
from domain.clock import Clock
from domain.commands.identity import IdentityCommands
from domain.event import Context
from domain.log import Position
from domain.low_balance import Forecast


class ClockCommands(IdentityCommands):
    """The clock of journey 8, and notices of a low balance."""

    async def set_clock(self, context: Context, *, account_id: UUID, clock: Clock, via_issue: UUID | None) -> Position:
        """This will make this the account's clock; 0 where it is already so.

        Raises UnknownNumber, ContactUnknown, QuietHoursEmpty.
        """

        async def command() -> Position:
            account = await self.account(account_id)
            account.set_clock(context, clock, via_issue=via_issue)
            return await self.save(account)

        return await self.attempt(command)

    async def notice_low_balance(
        self, context: Context, *, account_id: UUID, forecasts: dict[UUID, Forecast], today: date
    ) -> Position:
        """This will record which of the account's meters are to be told of now, each with its forecast; 0 where none is."""

        async def command() -> Position:
            account = await self.load(Account, account_id)
            for meter_id, forecast in forecasts.items():
                account.notice_low_balance(context, meter_id=meter_id, forecast=forecast, today=today)
            return await self.save(account)

        return await self.attempt(command)
