"""What happened, transaction by transaction, and the receipt of each."""

from __future__ import annotations

import re
from datetime import datetime

from projections.activity import ActivityRow
from web.journeys.paging import BY_POSITION, Page, cut
from web.journeys.refusals import NotFound
from web.journeys.visit import Visit

RECEIPT_NUMBER = r"^[!-~]{1,64}$"
"""A number of Juice's: visible ASCII."""


async def page(
    visit: Visit, *, limit: int, before: str | None = None, since: datetime | None = None, kind: str | None = None
) -> Page[ActivityRow]:
    """This will give a page of the account's transactions, newest first: those of one kind, since a moment, past a cursor."""
    rows = await visit.services.views.activity.recent(
        visit.account_id,
        limit=limit + 1,
        since=since,
        kind=kind,
        before=BY_POSITION.read(before) if before is not None else None,
    )
    return cut(rows, limit, lambda row: BY_POSITION.write(row.happened_at, row.position))


async def receipt(visit: Visit, number: str) -> ActivityRow:
    """This will give the account's own transaction of that number of Juice's. Raises NotFound, also where it is another's."""
    found = await visit.services.views.activity.one(visit.account_id, number) if re.fullmatch(RECEIPT_NUMBER, number) else None
    if found is None:
        raise NotFound
    return found
