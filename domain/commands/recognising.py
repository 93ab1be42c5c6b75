"""Recognising Juice's transactions as Seed's own, where Juice knows no message ids."""

from __future__ import annotations

from uuid import UUID

from domain.commands.base import Commands
from domain.event import Context
from domain.juice_transaction import JuiceTransaction
from domain.wallet import Receipt


class RecognisingCommands(Commands):
    """What purchases and redemptions share when they claim a transaction."""

    async def juice_transaction(self, juice_number: str) -> JuiceTransaction:
        """This will give what is known of whose a transaction is; one that nobody claimed has version 0."""
        return await self.load(JuiceTransaction, self.natural_id("juice-transaction", juice_number))

    async def recognised(
        self, context: Context, receipt: Receipt, *, account_id: UUID | None, process_id: UUID
    ) -> JuiceTransaction:
        """This will claim a receipt's transaction for a process, to be saved together with it. Raises TransactionTaken."""
        transaction = await self.juice_transaction(receipt.juice_number)
        transaction.recognise(context, account_id=account_id, juice_number=receipt.juice_number, process_id=process_id)
        return transaction
