"""The links in messages: taking a password issue back, and confirming a contact.

Reading a link changes nothing, since mail scanners open links: the page shows a button, and the button acts.
"""

from __future__ import annotations

from domain.log import Position
from web.access.limits import LINKS
from web.journeys.visit import Visit


async def undo(visit: Visit, token: str) -> Position:
    """This will take back a password issue and all that came of it. Raises LinkNoLongerValid."""
    await visit.throttles.take(LINKS, visit.source)
    account_id, issue_id = visit.services.portal.links.read("undo", token)
    return await visit.services.portal.undo_issue(visit.context(), account_id=account_id, issue_id=issue_id)


async def confirm(visit: Visit, token: str) -> Position:
    """This will confirm that a contact is read by whoever gave it. Raises LinkNoLongerValid."""
    await visit.throttles.take(LINKS, visit.source)
    account_id, contact_id = visit.services.portal.links.read("confirm", token)
    return await visit.services.portal.confirm_contact(visit.context(), account_id=account_id, contact_id=contact_id)
