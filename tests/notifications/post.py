"""Everything between the log and a customer's inbox, on a real PostgreSQL, with a clock that a test moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from domain.contact import ContactChannel
from domain.event import Context
from eventlog.follower import Follower
from notifications.channels import Channel, Message
from notifications.letters import Letters
from notifications.low_balance import LowBalances
from notifications.low_balance_letters import LowBalanceLetters
from notifications.messages.contents import LowBalance
from notifications.notifier import Notifier
from notifications.outbox import Outbox
from notifications.policy import FOLLOWS_AS, Policy
from notifications.quiet_hours import QuietHours
from tests.domain.scenario import NOON, context
from tests.utility import OpenUtility

SITE = "https://portal.example"


@dataclass
class Caught:
    """A channel that keeps what it is given."""

    messages: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        self.messages.append(message)


class Post:
    """The notifier of one utility, a step at a time."""

    def __init__(self, utility: OpenUtility, now: datetime = NOON) -> None:
        self.utility = utility
        self.now = now
        self.email, self.sms = Caught(), Caught()
        channels: Mapping[ContactChannel, Channel] = {"email": self.email, "sms": self.sms}
        portal, outbox = utility.portal, Outbox(utility.schema)
        low_balance = LowBalanceLetters(portal, utility.views.days_left, site=SITE, now=self.clock)
        letters = Letters(portal, site=SITE, others={LowBalance.KIND: low_balance.write})
        quiet_hours = QuietHours(portal, letters.write, now=self.clock)
        self.low_balances = LowBalances(portal, utility.views, self.context)
        self.notifier = Notifier(utility.pool, outbox, quiet_hours.write, channels, utility.log, now=self.clock)
        self.policy = Policy(portal, outbox)

    def clock(self) -> datetime:
        return self.now

    def context(self) -> Context:
        return context(at=self.now, by="system:notifier")

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    async def look(self) -> int:
        """This will look for low balances, once the read models have what happened."""
        await self.utility.project()
        return await self.low_balances.step()

    async def follow(self) -> None:
        """This will make deliveries of what happened."""
        await Follower(self.utility.dsn, self.utility.log, FOLLOWS_AS, self.policy.follow).catch_up()

    async def send(self) -> list[Message]:
        """This will send what is due, and give what went out."""
        before = len(self.email.messages), len(self.sms.messages)
        await self.notifier.step()
        return [*self.email.messages[before[0] :], *self.sms.messages[before[1] :]]

    async def round(self) -> list[Message]:
        """This will do all of it."""
        await self.look()
        await self.follow()
        await self.utility.project()
        return await self.send()

    def rows(self) -> list[dict[str, Any]]:
        """The outbox."""
        with psycopg.connect(self.utility.dsn, row_factory=dict_row) as connection:
            return connection.execute("SELECT * FROM u_test.deliveries ORDER BY position, contact_id").fetchall()
