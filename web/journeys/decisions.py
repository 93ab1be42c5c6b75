"""What staff can do about a purchase that is ambiguous: choose the transaction that it is, or say that none is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.log import Position
from domain.purchase import AMBIGUOUS, NONE_AFTER, Stage
from domain.wallet import Receipt
from web.journeys import normal, requests
from web.journeys.refusals import NotFound
from web.journeys.visit import Visit
from wording.catalogue import N_

NONE = "none"
"""What is chosen where Juice made no transaction for it; no number of Juice's."""

LONGEST_REASON = 500
CHOOSE = N_("Choose the transaction that it is, or that it is none.")
REASON_NEEDED = N_("Write down how you know.")
REASON_TOO_LONG = N_("Write less: at most 500 characters.")


class ToDecide(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase, and the transactions that it may be, the oldest first; nothing `is_open` to decide once it is known.

    The bank holds the money until `authorised_until`. That none of them is its own can be said `none_from` then on.
    """

    purchase_id: UUID
    account_id: UUID
    message_id: UUID
    amount: int
    currency: str
    stage: str
    rule: str | None
    authorised_until: datetime | None
    none_from: datetime | None
    is_open: bool
    candidates: tuple[Receipt, ...]


async def to_decide(visit: Visit, purchase: str) -> ToDecide:
    """This will look at a purchase. Raises NotFound."""
    portal = visit.services.portal
    found = await portal.purchase(_id(purchase))
    if found.account_id is None or found.message_id is None:
        raise NotFound
    is_open = found.stage is Stage.IN_DOUBT and AMBIGUOUS in found.flags
    return ToDecide(
        purchase_id=found.id,
        account_id=found.account_id,
        message_id=found.message_id,
        amount=found.amount,
        currency=found.currency,
        stage=found.stage,
        rule=found.rule,
        authorised_until=found.authorised_until,
        none_from=found.sent_at + NONE_AFTER if found.sent_at is not None else None,
        is_open=is_open,
        candidates=tuple(await portal.candidates(found.id)) if is_open else (),
    )


async def decide(visit: Visit, purchase: str, transaction: str, reason: str) -> Position:
    """This will settle a purchase by what staff found out at Juice: the number of a transaction, or NONE.

    Raises FieldErrors, NotFound, NotATransactionOfIt, TransactionTaken, NothingToDecide, TooEarlyToSay.
    """
    transaction, reason = transaction.strip(), reason.strip()
    wanted = normal.checked(transaction=transaction or normal.Unusable(CHOOSE), reason=_reason(reason))
    purchase_id = (await to_decide(visit, purchase)).purchase_id
    number = None if wanted["transaction"] == NONE else wanted["transaction"]
    return await visit.services.portal.decide_purchase(
        visit.context(), purchase_id=purchase_id, juice_number=number, reason=wanted["reason"]
    )


def _reason(reason: str) -> str:
    if not reason:
        return normal.Unusable(REASON_NEEDED)
    return normal.Unusable(REASON_TOO_LONG) if len(reason) > LONGEST_REASON else requests.checked_text(reason)


def _id(purchase: str) -> UUID:
    try:
        return UUID(purchase)
    except ValueError:
        raise NotFound from None
