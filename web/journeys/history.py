"""An account's history, replayed from the log for an auditor."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domain.commands.identity import UnknownNumber
from projections.projection import Recorded
from web.journeys import normal
from web.journeys.visit import Visit

WITHHELD = frozenset({"verifier", "slow_hash"})
"""Fields of events that no reader needs and a thief could use: hashes of passwords."""


async def of(visit: Visit, number: str, as_of: datetime | None) -> tuple[UUID, list[Recorded]]:
    """This will give the account and all that happened to it up to `as_of`, in order. Raises FieldErrors, UnknownNumber."""
    number = normal.checked(number=normal.number(number))["number"]
    history = visit.services.history
    account_id = await history.find(number, as_of)
    if account_id is None:
        raise UnknownNumber
    return account_id, [recorded async for recorded in history.of(account_id, as_of)]
