"""What is written of a low balance, from what is known at the moment of sending: much may have changed since it was recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.account import Account
from domain.clock import UNDER
from domain.contact import Contact
from domain.portal import Portal
from notifications.delivery import NothingToSay
from notifications.low_balance import DaysLeft
from notifications.messages.contents import LowBalance
from notifications.outbox import Delivery


class LowBalanceLetters:
    """Writes the notices of one utility. `site` is where its customers reach it, without a slash at the end."""

    def __init__(self, portal: Portal, days_left: DaysLeft, *, site: str, now: Callable[[], datetime]) -> None:
        self.portal = portal
        self.days_left = days_left
        self.site = site
        self.now = now

    async def write(self, delivery: Delivery, account: Account, contact: Contact) -> LowBalance:
        """This will write a notice. Raises NothingToSay where it is not wanted, not true or not the latest any more."""
        meter_id, under = UUID(delivery.parameters["meter_id"]), int(delivery.parameters["under"])
        clock, told, meter = account.clock, account.told.get(meter_id), account.meters.get(meter_id)
        if contact.contact_id in clock.muted or not contact.confirmed:
            raise NothingToSay("no notices go to this contact")
        if under not in UNDER[clock.pace]:
            raise NothingToSay("fewer notices are wanted")
        if meter is None:
            raise NothingToSay("the meter was removed")
        if told is None or (told.under, told.day.isoformat()) != (under, delivery.parameters["day"]):
            raise NothingToSay("a later notice tells it")
        description = await self.portal.utility()
        known = await self.days_left.of(account.id)
        left = next((each for each in known.left if each.meter.meter_id == meter_id), None) if known is not None else None
        if left is None or description is None:
            raise NothingToSay("nobody knows any more how long it lasts")
        today = self.now().astimezone(ZoneInfo(description.zone)).date()
        days = left.on(today)
        if days is None or (days >= under and not told.counts(left.forecast)):
            raise NothingToSay("there is more again")
        return LowBalance(
            meter=meter.number,
            resource=meter.resource,
            is_wallet=meter.kind == "AMI",
            days_left=int(days),
            buy_link=f"{self.site}/buy",
            clock_link=f"{self.site}/edit",
        )
