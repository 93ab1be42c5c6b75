"""Households of a utility, and what befalls them: for tests of what is told of a low balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from domain.account import Account
from domain.clock import Clock
from domain.commands.feeds import AccountTold, MeterTold
from domain.low_balance import ONE_DAY
from domain.meter import MeterKind
from domain.usage import Reading
from domain.wallet import Line, Receipt
from tests.domain.scenario import NOON, context
from tests.utility import OpenUtility

JUICE = context(by="juice")
YESTERDAY = NOON.date() - ONE_DAY
PRICE = 250
"""What a unit costs, in minor units."""


@dataclass
class Household:
    """One account with one meter. Its usage is told day after day; a unit a day is usual."""

    utility: OpenUtility
    number: str
    account_id: UUID
    meter_id: UUID
    day: date = YESTERDAY
    balance: int = 0
    receipts: list[str] = field(default_factory=list)

    @classmethod
    async def moved_in(
        cls, utility: OpenUtility, number: str, *, kind: MeterKind = "STS", resource: str = "electricity"
    ) -> Household:
        """An account of which nothing is known yet."""
        portal = utility.portal
        told = AccountTold(
            number=number,
            name=f"Holder {number}",
            address=f"{number} Acacia Road",
            language="en",
            email=f"holder{number}@example.org",
            phone=f"+2782{int(number):07d}",
        )
        await portal.learn_account(JUICE, told, currency="ZAR")
        meter = MeterTold(account_number=number, number=f"07{number}", kind=kind, resource=resource, unit="kWh", removed=False)  # type: ignore[arg-type]
        await portal.learn_meter(JUICE, meter)
        found = await portal.find(f"07{number}")
        assert found.meter_id is not None
        return cls(utility, number, found.account_id, found.meter_id)

    @classmethod
    async def settled(cls, utility: OpenUtility, number: str, *, days_left: int) -> Household:
        """One that has used a unit a day for twenty days, up to yesterday, and has so many days left."""
        home = await cls.moved_in(utility, number)
        home.day = YESTERDAY - timedelta(days=20)
        await home.buys((20 + days_left) * 1_000)
        await home.uses([1_000] * 20)
        return home

    @property
    def latest(self) -> str:
        """Juice's number of what happened last."""
        return self.receipts[-1]

    async def account(self) -> Account:
        return await self.utility.portal.account(self.account_id)

    async def uses(self, milliunits: Sequence[int]) -> None:
        """This will tell what was used on the days after the last one that is known."""
        days = [Reading(self.day + n * ONE_DAY, used) for n, used in enumerate(milliunits, 1)]
        self.day = days[-1].day
        await self.utility.portal.learn_usage(JUICE, meter_number=f"07{self.number}", readings=days)

    async def buys(self, milliunits: int) -> None:
        """This will buy units for the meter, on the evening of the last day whose usage is known."""
        await self._moves("Cash", milliunits, change=0)

    async def pays_in(self, amount: int) -> None:
        """This will put money into the wallet."""
        await self._moves("Cash", 0, change=amount)

    async def is_charged(self, milliunits: int) -> None:
        """This will take from the wallet what a smart meter has used."""
        await self._moves("Wallet", milliunits, change=-milliunits * PRICE // 1000)

    async def sets(self, clock: Clock) -> None:
        await self.utility.portal.set_clock(context(), account_id=self.account_id, clock=clock, via_issue=None)

    async def loses_meter(self) -> None:
        meter = MeterTold(
            account_number=self.number, number=f"07{self.number}", kind="STS", resource="electricity", unit="kWh", removed=True
        )
        await self.utility.portal.learn_meter(JUICE, meter)

    async def is_told(self, today: date) -> None:
        """This will record what is due to be told on a day."""
        await self.utility.project()
        row = await self.utility.views.days_left.of(self.account_id)
        assert row is not None
        by = context(by="system:notifier", at=datetime.combine(today, time(12), UTC))
        await self.utility.portal.notice_low_balance(by, account_id=self.account_id, forecasts=row.due(today), today=today)

    async def _moves(self, kind: str, milliunits: int, *, change: int) -> None:
        self.balance += change
        self.receipts.append(f"{self.number}-{len(self.receipts)}")
        amount = milliunits * PRICE // 1000 or abs(change)
        receipt = Receipt(
            juice_number=self.latest,
            happened_at=datetime.combine(self.day, time(18, len(self.receipts)), UTC),
            amount=amount,
            currency="ZAR",
            lines=(Line(kind="energy" if milliunits else "wallet", amount=amount),),
            wallet_change=change,
            wallet_balance=self.balance,
            meter_id=self.meter_id if milliunits else None,
            milliunits=milliunits,
        )
        portal = self.utility.portal
        await portal.learn_transactions(JUICE, account_number=self.number, transactions=[(kind, receipt)])
