"""What a customer began and has not seen end: a purchase left at the payment page, an answer still waited for (journey 14)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from domain import purchase
from projections.purchases import PurchaseRow
from projections.redemptions import RedemptionRow


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """One of them; `stage` as in the domain, `since` when it was begun."""

    kind: Literal["purchase", "redemption"]
    id: UUID
    stage: str
    amount: int
    currency: str
    since: datetime

    @property
    def to_be_paid(self) -> bool:
        """Whether the customer may still pay, or cancel."""
        return self.kind == "purchase" and self.stage in purchase.OPEN


def of(purchases: Iterable[PurchaseRow], redemptions: Iterable[RedemptionRow]) -> tuple[Unfinished, ...]:
    """This will name what an account has left open or waits for, the newest first."""
    found = [*map(_purchase, purchases), *map(_redemption, redemptions)]
    return tuple(sorted(found, key=lambda each: each.since, reverse=True))


def _purchase(row: PurchaseRow) -> Unfinished:
    return Unfinished(
        kind="purchase",
        id=row.purchase_id,
        stage=row.stage,
        amount=row.amount,
        currency=row.currency,
        since=row.requested_at,
    )


def _redemption(row: RedemptionRow) -> Unfinished:
    return Unfinished(
        kind="redemption",
        id=row.redemption_id,
        stage=row.stage,
        amount=row.amount,
        currency=row.currency,
        since=row.reserved_at,
    )
