"""Whose message may have made what Juice lists and no purchase or redemption has claimed? Where Juice keeps no message ids.

Pure, and a doubt, never a proof: it is for somebody to look at. Why, and for how long: docs/decisions/0013.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from domain.ticket_events import About
from vending.lost_vends import CLOCKS_DIFFER
from vending.sending import ARRIVES_WITHIN


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A message that may have reached Juice: what it asked for, when its first and last copy was sent, and what is known of it.

    One that Juice refused when it was sent for the first time has reached it, and did nothing: it is none of these. `amount` is
    in minor units.
    """

    about: About
    message_id: str
    account_id: UUID | None
    meter_id: UUID | None
    amount: int
    currency: str
    first_at: datetime
    last_at: datetime
    outcome: Literal["unknown", "issued", "absent"]


class Unclaimed(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction of Juice's that nobody claimed, of a type that Seed's messages make; `card_id` is the redemption that its
    card's serial leads to, where one was redeemed.
    """

    number: str
    at: datetime
    account_id: UUID | None
    meter_id: UUID | None
    amount: int
    currency: str
    card_id: UUID | None


def may_be(attempt: Attempt, transaction: Unclaimed) -> bool:
    """Whether the message, or one more copy of it, may have made the transaction.

    Where its outcome is not that Juice issued, however much later: that is what nobody expected. A card is used once.
    """
    if transaction.account_id is None or transaction.account_id != attempt.account_id:
        return False
    if transaction.at < attempt.first_at - CLOCKS_DIFFER:
        return False
    if attempt.about.kind == "redemption":
        return attempt.outcome != "issued" and transaction.card_id == attempt.about.id
    return (
        transaction.card_id is None
        and transaction.meter_id == attempt.meter_id
        and (transaction.amount, transaction.currency) == (attempt.amount, attempt.currency)
        and (attempt.outcome != "issued" or transaction.at <= attempt.last_at + ARRIVES_WITHIN + CLOCKS_DIFFER)
    )


def makers(transactions: Iterable[Unclaimed], attempts: Sequence[Attempt]) -> Mapping[str, Attempt]:
    """This will give, by the number of each transaction that a message may have made, that message.

    One whose customer has nothing for it goes before one that was issued, and each gets one before any gets a second.
    """
    found: dict[str, Attempt] = {}
    had: dict[str, int] = {}
    for transaction in sorted(transactions, key=lambda each: (each.at, each.number)):
        fitting = [each for each in attempts if may_be(each, transaction)]
        if fitting:
            maker = min(
                fitting, key=lambda each: (had.get(each.message_id, 0), each.outcome == "issued", each.last_at, each.message_id)
            )
            had[maker.message_id] = had.get(maker.message_id, 0) + 1
            found[transaction.number] = maker
    return found
