"""How a link in a message stands: still to be used, used, or past its time. Reading it changes nothing."""

from __future__ import annotations

from typing import Literal

from domain.access import UNDO_LASTS
from domain.account import Account
from domain.commands.identity import UnknownNumber
from domain.links import LinkNoLongerValid, LinkPurpose
from web.journeys.visit import Visit

LinkState = Literal["open", "used", "expired"]


async def state_of(visit: Visit, purpose: LinkPurpose, token: str) -> LinkState:
    """This will say how a link stands. Raises LinkNoLongerValid where it is none of ours, or its person was forgotten."""
    account_id, subject_id = visit.services.portal.links.read(purpose, token)
    try:
        account: Account = await visit.services.portal.account(account_id)
    except UnknownNumber:
        raise LinkNoLongerValid from None
    now = visit.clock()
    if purpose == "undo":
        issue = account.credentials.issues.get(subject_id)
        if issue is None:
            raise LinkNoLongerValid
        return _state(used=issue.undone, expired=now - issue.issued_at >= UNDO_LASTS)
    if purpose == "confirm":
        contact = account.contacts.get(subject_id)
        return _state(used=contact is not None and contact.confirmed, expired=contact is None)
    if purpose == "change":
        asked = account.contacts.requested.get(subject_id)
        gone = asked is None or asked.expires_at <= now or asked.contact_id not in account.contacts
        return _state(used=asked is not None and asked.agreed, expired=gone)
    if purpose == "revert":
        if account.can_revert(subject_id, now):
            return "open"
        return _state(used=subject_id in account.contacts.reverted, expired=True)
    # A continuation was offered, since its link is ours; it is forgotten when it is used.
    expires_at = account.offers.get(subject_id)
    return _state(used=expires_at is None, expired=expires_at is not None and expires_at <= now)


def _state(*, used: bool, expired: bool) -> LinkState:
    if used:
        return "used"
    return "expired" if expired else "open"
