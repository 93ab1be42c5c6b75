"""Whose a transaction of Juice's is, and who else is looking for one like it; where Juice knows no message ids.

A claim is an event in the log, written in the transaction that ends the purchase or redemption (`domain.juice_transaction`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from domain.portal import Portal
from domain.purchase import WITH_JUICE
from vending.juice_answers import Reply, Sent
from vending.lost_vends import are_alike
from vending.purchasing import sent_of


class Claims:
    """What one utility's log says of claims. `under_way` gives the ids of the purchases that have no end yet, or more."""

    def __init__(self, portal: Portal, under_way: Callable[[], Awaitable[Sequence[UUID]]]) -> None:
        self.portal = portal
        self.under_way = under_way

    async def taken(self, transactions: Iterable[Reply]) -> frozenset[str]:
        """This will give the numbers of those that a purchase or redemption has claimed."""
        numbers = [each.transaction for each in transactions]
        return frozenset([number for number in numbers if (await self.portal.juice_transaction(number)).exists])

    async def rivals(self, sent: Sent, at: datetime) -> list[Sent]:
        """This will give the other messages that ask Juice for the same and have no outcome yet."""
        found = []
        for purchase_id in await self.under_way():
            purchase = await self.portal.purchase(purchase_id)
            if purchase.stage in WITH_JUICE and purchase.amount == sent.amount and purchase.message_id != sent.message_id:
                other = await sent_of(self.portal, purchase, at)
                if are_alike(sent, other):
                    found.append(other)
        return found
