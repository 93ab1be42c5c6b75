"""Staff decides what became of a purchase where Juice's transactions do not say: this one, or none."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from domain.aggregate import Refusal
from domain.commands.recognising import RecognisingCommands
from domain.event import Context
from domain.log import Position
from domain.purchase import TENDER, NothingToDecide, Purchase
from domain.wallet import Receipt, TransactionRecorded, Wallet

BEFORE = timedelta(minutes=15)
"""So long before the message was sent a transaction may have been made by Juice's clock, and not earlier."""


class NotATransactionOfIt(Refusal):
    """No such transaction can be the purchase's: it is of another meter, amount, type or time, or Juice has not told of it."""


class DecidingCommands(RecognisingCommands):
    """What staff can do about an ambiguous purchase."""

    async def candidates(self, purchase_id: UUID) -> list[Receipt]:
        """This will give the transactions that Juice told of and that may be the purchase's, the oldest first; no other's."""
        purchase = await self.load(Purchase, purchase_id)
        if purchase.wallet_id is None or purchase.first_sent_at is None:
            return []
        found = []
        for event in await self.event_log.load(purchase.wallet_id):
            if isinstance(event, TransactionRecorded) and _may_be(purchase, event):
                transaction = await self.juice_transaction(event.receipt.juice_number)
                if not transaction.exists:
                    found.append(event.receipt)
        return sorted(found, key=lambda receipt: receipt.happened_at)

    async def decide_purchase(self, context: Context, *, purchase_id: UUID, juice_number: str | None, reason: str) -> Position:
        """This will settle an ambiguous purchase by what staff found out: by that transaction, or, with None, as made by none.

        Raises NotATransactionOfIt, TransactionTaken, and what `Purchase.decide` raises.
        """

        async def command() -> Position:
            purchase = await self.load(Purchase, purchase_id)
            if juice_number is None:
                purchase.decide(context, receipt=None, reason=reason)
                return await self.save(purchase)
            if purchase.wallet_id is None:
                raise NothingToDecide
            receipt = await self._receipt(purchase, juice_number)
            purchase.decide(context, receipt=receipt, reason=reason)
            wallet = await self.load(Wallet, purchase.wallet_id)
            wallet.buy_power(context, purchase_id=purchase.id, receipt=receipt)
            claim = await self.recognised(context, receipt, account_id=purchase.account_id, process_id=purchase.id)
            return await self.save(purchase, wallet, claim)

        return await self.attempt(command)

    async def _receipt(self, purchase: Purchase, juice_number: str) -> Receipt:
        for event in await self.event_log.load(purchase.wallet_id or purchase.id):
            if isinstance(event, TransactionRecorded) and event.receipt.juice_number == juice_number:
                if _may_be(purchase, event):
                    return event.receipt
                break
        raise NotATransactionOfIt


def _may_be(purchase: Purchase, told: TransactionRecorded) -> bool:
    # Of the same type, too: what was paid in cash at a till must not be charged to a card as well.
    asked = (TENDER, purchase.amount, purchase.currency, purchase.meter_id)
    receipt, since = told.receipt, purchase.first_sent_at
    return (
        (told.kind, receipt.amount, receipt.currency, receipt.meter_id) == asked
        and since is not None
        and (receipt.happened_at >= since - BEFORE)
    )
