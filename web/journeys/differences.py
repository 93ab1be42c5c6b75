"""What the books of Seed, Juice and the provider do not say alike, and how somebody of the utility settles it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from domain.difference import BY_HAND
from domain.difference_events import ByHand
from domain.log import Position
from projections.differences import DifferenceRow
from web.journeys import ids, normal
from web.journeys.attention import SHOWN, SHOWN_FOR
from web.journeys.history import CASE, MALFORMED_CASE
from web.journeys.visit import Visit
from wording.catalogue import N_

CHOOSE = N_("Choose how it was settled.")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Differences that are `open`, the oldest first, and those that were `settled` in the last 30 days, the last first. There is
    `more` where not all of them are named.
    """

    open: Sequence[DifferenceRow]
    settled: Sequence[DifferenceRow]
    more: bool


async def found(visit: Visit) -> Found:
    """This will give what differs, and what did of late."""
    view = visit.services.views.differences
    still = await view.open(limit=SHOWN + 1)
    settled = await view.settled(since=visit.clock() - SHOWN_FOR, limit=SHOWN + 1)
    more = len(still) > SHOWN or len(settled) > SHOWN
    return Found(open=still[:SHOWN], settled=settled[:SHOWN], more=more)


async def settle(visit: Visit, difference_id: str, how: str, case: str) -> Position:
    """This will write down how somebody settled a difference; `case` may be empty.

    Raises FieldErrors, NotFound, NoSuchDifference, DifferenceNotOpen.
    """
    id = ids.read(difference_id)
    case = case.strip()
    wanted = normal.checked(
        how=how if how in BY_HAND else normal.Unusable(CHOOSE),
        case=case if not case or CASE.fullmatch(case) else normal.Unusable(MALFORMED_CASE),
    )
    how_settled = msgspec.convert(wanted["how"], ByHand)
    return await visit.services.portal.settle_difference(
        visit.context(), difference_id=id, how=how_settled, case=wanted["case"] or None
    )
