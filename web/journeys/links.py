"""The links in messages: taking a password issue back, confirming a contact, agreeing to a change of one, and taking it back.

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


async def agree(visit: Visit, token: str) -> Position:
    """This will make a change that the registered contacts were asked about. Raises LinkNoLongerValid."""
    await visit.throttles.take(LINKS, visit.source)
    account_id, change_id = visit.services.portal.links.read("change", token)
    return await visit.services.portal.agree_to_change(visit.context(), account_id=account_id, change_id=change_id)


async def revert(visit: Visit, token: str) -> Position:
    """This will take back what was changed of a contact, and end every session. Raises LinkNoLongerValid."""
    await visit.throttles.take(LINKS, visit.source)
    account_id, contact_id = visit.services.portal.links.read("revert", token)
    return await visit.services.portal.revert_change(visit.context(), account_id=account_id, contact_id=contact_id)
