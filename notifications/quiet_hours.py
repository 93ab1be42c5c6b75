"""What waits until an account's quiet hours are over, and what does not.

Notices wait: a low balance, and what the utility says about a request. Nothing else does: for passwords and links, tokens and
receipts, and the confirmation that a request arrived somebody waits, and of changes to the account its owner must hear at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.account import Account
from domain.portal import Portal
from notifications.channels import Message
from notifications.delivery import Later, Resolve
from notifications.messages.contents import LowBalance, RequestAnswered, RequestClosed
from notifications.outbox import Delivery

WAITS = frozenset({LowBalance.KIND, RequestAnswered.KIND, RequestClosed.KIND})
"""Kinds of messages."""


async def lets_through(portal: Portal, kind: str, account: Account, at: datetime) -> datetime:
    """This will give the moment from `at` on at which a message of that kind may go to the account."""
    description = await portal.utility() if kind in WAITS else None
    return at if description is None else account.clock.lets_through(at, ZoneInfo(description.zone))


class QuietHours:
    """Looks at the clock again when a message is about to be sent: it may have been set since, or the sending been late."""

    def __init__(self, portal: Portal, write: Resolve, *, now: Callable[[], datetime]) -> None:
        self._portal = portal
        self._write = write
        self._now = now

    async def write(self, delivery: Delivery) -> Message:
        """This will write a delivery's message as it is told to. Raises Later within quiet hours."""
        if delivery.kind in WAITS:
            now, account = self._now(), await self._portal.load(Account, delivery.account_id)
            until = await lets_through(self._portal, delivery.kind, account, now)
            if until > now:
                raise Later(until)
        return await self._write(delivery)
