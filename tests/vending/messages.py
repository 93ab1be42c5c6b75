"""Messages to Juice as they are asked after."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tests.domain.scenario import NOON
from vending.juice import Juice
from vending.juice_answers import Reply, Sent


def sale(**differently) -> Sent:
    """A sale of 50.00 for meter 0701, sent at noon, once."""
    told = {"message_id": UUID(int=1), "tender": "Cash-CC", "meter": "0701", "amount": 5000, "currency": "ZAR"}
    return Sent(**(told | {"first_at": NOON, "last_at": NOON} | differently))


async def advice(juice: Juice, message_id: UUID, *, after: timedelta = timedelta(0)) -> Reply:
    """What Juice says of a message id."""
    return await juice.advise(sale(message_id=message_id), at=NOON + after)
