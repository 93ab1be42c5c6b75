"""What is owed as a page: each debt, how it is paid, and when it is paid off."""

from __future__ import annotations

from datetime import date
from typing import Any

from falcon.asgi import Request, Response

from web.journeys import arrears
from web.site.positions import at_least
from web.site.render import show
from web.site.writing import Writing, writing

SHOWN_FIRST = 4
"""Payments towards a debt that are seen before one asks for more."""

SOON = 60
"""Days up to which an estimate is told in weeks."""


class ArrearsPage:
    """GET /arrears"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show what the account that is logged in owes."""
        found = await arrears.of(req.context.visit, at_least(req))
        await show(req, resp, "arrears.html", **facts_of(found, req.context.visit.clock().date(), await writing(req)))


def facts_of(found: arrears.Arrears, today: date, write: Writing) -> dict[str, Any]:
    """This will gather what the template shows."""
    return {
        "arrears": found,
        "when": {debt.debt_id: when(debt.paid_off_on, today, write) for debt in found.debts},
        "shown_first": SHOWN_FIRST,
    }


def when(day: date | None, today: date, write: Writing) -> str | None:
    """This will say when a debt is paid off, no more exactly than that can be known."""
    if day is None:
        return None
    days = (day - today).days
    if days <= SOON:
        weeks = max(1, round(days / 7))
        return write.ngettext("in about %(count)d week", "in about %(count)d weeks", weeks) % {"count": weeks}
    return write.gettext("around %(month)s") % {"month": write.month(day)}
