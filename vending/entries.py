"""What Seed's log says of a purchase or redemption, as comparing books needs it: read off its events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from domain import purchase_events as purchase
from domain import redemption_events as redemption
from domain.event import Event
from domain.ticket_events import About
from domain.wallet import Receipt
from vending.comparing import Entry
from vending.unclaimed import Attempt

BEGUN = (purchase.PurchaseRequested, redemption.RedemptionReserved)
ISSUED = (
    purchase.PurchaseIssued,
    purchase.PurchaseFoundIssued,
    redemption.RedemptionSettled,
    redemption.RedemptionFoundMade,
)
ABSENT = (purchase.PurchaseAbandoned, purchase.PurchaseProvenAbsent, redemption.RedemptionProvenAbsent)
SENT = (purchase.PurchaseSent, redemption.RedemptionSent)
SENT_AGAIN = (purchase.PurchaseSentAgain, redemption.RedemptionSentAgain)
NEVER_LEFT = (purchase.PurchaseNeverLeft, redemption.RedemptionNeverLeft)
DOUBTED = (purchase.PurchaseDoubted, redemption.RedemptionDoubted)
NOT_BY_JUICE = ("AuthorisationEnds", purchase.PurchaseDecided.__name__)
"""Rules by which a purchase ends as absent that are not a refusal of Juice's."""

Kind = Literal["purchase", "redemption"]


def entry_of(kind: Kind, id: UUID, events: Sequence[Event]) -> Entry | None:
    """This will give the entry of a process by its events, oldest first; None where it was never begun.

    A card that is tried again is one process with a message id for each attempt. What was issued once stays issued.
    """
    said: dict[str, Any] = {"outcome": "open"}
    message_ids: set[str] = set()
    receipt: Receipt | None = None
    for event in events:
        if isinstance(event, BEGUN):
            message_ids.add(str(event.message_id))
            if receipt is None:
                said |= {"message_id": str(event.message_id), "amount": event.amount, "currency": event.currency}
                said |= {"account_id": event.account_id, "outcome": "open"}
        elif isinstance(event, ISSUED):
            receipt = event.receipt
            said |= {"message_id": str(event.message_id), "account_id": event.account_id, "outcome": "issued"}
        elif receipt is None and isinstance(event, SENT):
            said["outcome"] = "unknown"
        elif receipt is None and isinstance(event, ABSENT):
            said["outcome"] = "absent"
        elif isinstance(event, purchase.PurchaseAuthorised):
            said["payment_id"] = event.payment_id
        elif isinstance(event, purchase.PurchaseCaptured):
            said["charged"] = True
    if not message_ids:
        return None
    if receipt is not None:
        said |= {"amount": receipt.amount, "currency": receipt.currency}
        said |= {"juice_number": receipt.juice_number, "issued_at": receipt.happened_at}
    return Entry(about=About(kind=kind, id=id), message_ids=frozenset(message_ids), **said)


def attempts_of(kind: Kind, id: UUID, events: Sequence[Event]) -> list[Attempt]:
    """This will give the messages of a process that may have reached Juice and have done something there, by its events."""
    asked: dict[str, dict[str, Any]] = {}
    for event in events:
        message_id = str(getattr(event, "message_id", None))
        if isinstance(event, BEGUN):
            asked[message_id] = {"begun": event, "copies": [], "outcome": "unknown", "is_sure": False}
        elif isinstance(event, (*SENT, *SENT_AGAIN)):
            asked[message_id]["copies"].append(event.at)
        elif isinstance(event, NEVER_LEFT):
            asked[message_id]["copies"].remove(event.sent_at)
        elif isinstance(event, DOUBTED):
            asked[message_id]["is_doubted"] = True
        elif isinstance(event, ISSUED):
            asked[message_id]["outcome"] = "issued"
        elif isinstance(event, (purchase.PurchaseProvenAbsent, redemption.RedemptionProvenAbsent)):
            said = asked[message_id]
            # What Juice refused when it came for the first time did nothing, and no other copy is on its way.
            said["is_sure"] = event.rule not in NOT_BY_JUICE and "is_doubted" not in said and len(said["copies"]) == 1
            said["outcome"] = "absent"
    return [
        Attempt(
            about=About(kind=kind, id=id),
            message_id=message_id,
            account_id=said["begun"].account_id,
            meter_id=said["begun"].meter_id,
            amount=said["begun"].amount,
            currency=said["begun"].currency,
            first_at=min(said["copies"]),
            last_at=max(said["copies"]),
            outcome=said["outcome"],
        )
        for message_id, said in asked.items()
        if said["copies"] and not (said["outcome"] == "absent" and said["is_sure"])
    ]
