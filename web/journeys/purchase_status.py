"""How far a purchase is: for whoever holds its status token, and for the customer who buys (journeys 11 and 14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.log import Position
from domain.purchase import AMBIGUOUS, ENDED, OPEN, Stage
from projections.purchases import PurchaseRow
from web.journeys import ids, receipts, status_tokens
from web.journeys.receipts import ReceiptShown
from web.journeys.refusals import NotFound
from web.journeys.visit import Visit


class PurchaseStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far a purchase is; `stage` as in the domain, `rule` is why it was refused or abandoned.

    `reference` opens this status without a login. `is_own`: whoever looks is logged in to the account that buys. `by_hand`: only
    somebody of the utility can find out what became of it.
    """

    purchase_id: UUID
    reference: str
    stage: str
    amount: int | None
    currency: str | None
    pays_until: datetime | None
    changed_at: datetime | None
    receipt: ReceiptShown | None
    rule: str | None
    meter: str | None
    is_own: bool
    by_hand: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it may still be paid, or left."""
        return self.stage in OPEN

    @property
    def is_issued(self) -> bool:
        """Whether Juice issued: for whoever bought, that is the end, whatever is still to be done with the money."""
        return self.stage in (Stage.ISSUED, Stage.CAPTURED, Stage.UNCOLLECTED)

    @property
    def is_refused(self) -> bool:
        """Whether nothing was issued and nothing will be charged."""
        return self.stage in (Stage.PROVEN_ABSENT, Stage.RELEASED)

    @property
    def has_ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.stage in ENDED


async def of(visit: Visit, reference: str, at_least: Position | None = None) -> PurchaseStatus:
    """This will say how far a purchase is, by its status token, or by its id where the account that buys is logged in.

    Raises NotFound, also where the purchase is somebody else's.
    """
    purchase_id, account_id = named(visit, reference)
    if at_least is not None:
        await visit.services.views.reached(at_least)
    token = status_tokens.make(visit, purchase_id, account_id, status_tokens.PURCHASE)
    row = await visit.services.views.purchases.of(purchase_id)
    if row is None and reference == token:
        return _requested(purchase_id, token)
    if row is None or row.account_id != account_id:
        raise NotFound
    return await _shown(visit, row, token)


def named(visit: Visit, reference: str) -> tuple[UUID, UUID]:
    """This will give the purchase and the account that a reference names; whose it is is still to be seen. Raises NotFound."""
    by_token = status_tokens.read(visit, reference, status_tokens.PURCHASE)
    return by_token or (ids.read(reference), receipts.own_account(visit))


def opens_without_login(visit: Visit, reference: str) -> bool:
    """This will say whether a reference is one that needs no login; messages name a purchase by its id, which does."""
    return status_tokens.read(visit, reference, status_tokens.PURCHASE) is not None


async def mine(visit: Visit, reference: str) -> UUID:
    """This will give the id of a purchase that whoever asks may go on with. Raises NotFound."""
    purchase_id, account_id = named(visit, reference)
    if (await visit.services.portal.purchase(purchase_id)).account_id != account_id:
        raise NotFound
    return purchase_id


async def _shown(visit: Visit, row: PurchaseRow, token: str) -> PurchaseStatus:
    is_own = visit.session is not None and row.account_id == visit.session.account_id
    return PurchaseStatus(
        purchase_id=row.purchase_id,
        reference=token,
        stage=row.stage,
        amount=row.amount,
        currency=row.currency,
        pays_until=row.pays_until,
        changed_at=row.changed_at,
        receipt=receipts.shown(row.receipt, is_own=is_own),
        rule=row.rule,
        meter=await receipts.meter_shown(visit, row.account_id, row.meter_id),
        is_own=is_own,
        by_hand=row.flag == AMBIGUOUS,
    )


def _requested(purchase_id: UUID, token: str) -> PurchaseStatus:
    """The token proves that the purchase is in the log; the read model has not got there yet."""
    return PurchaseStatus(
        purchase_id=purchase_id,
        reference=token,
        stage=Stage.REQUESTED,
        amount=None,
        currency=None,
        pays_until=None,
        changed_at=None,
        receipt=None,
        rule=None,
        meter=None,
        is_own=False,
    )
