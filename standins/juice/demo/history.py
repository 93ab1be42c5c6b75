"""The demo's last 90 days: what each meter counted, and every payment, charge and correction that came of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from standins.juice.demo.cards import Card
from standins.juice.demo.people import BUYS_LITTLE, Household, Meter
from standins.juice.demo.utilities import DemoUtility
from standins.juice.rules import Applied, Debt, apply
from standins.juice.sales import rfc3339
from standins.juice.tokens import Keys, issue

DAYS = 90
TENDERS = ("Cash",) * 6 + ("Cash-DC",) * 3 + ("Cash-CC",) * 3 + ("JC",) * 2 + ("Cash-Check",)
FREE_UNITS = Decimal("20.0")


@dataclass
class History:
    """One household's days; `receipts` get their numbers later, when those of all are in order."""

    utility: DemoUtility
    household: Household
    spare_cards: Iterator[Card]
    receipts: list[dict[str, Any]]
    usage: list[dict[str, Any]]

    def live(self, today: date) -> None:
        """This will live through the days before today."""
        for age in range(DAYS, 0, -1):
            self._day, self._parts = today - timedelta(days=age), 0
            if age == DAYS:
                self._open()
            for meter in self.household.meters:
                self._count(meter)
                if meter.kind == "STS":
                    self._keep_credit(meter)
                elif self._day.weekday() == 6 or age == 1:
                    self._charge(meter)
            self._special(age)

    def _open(self) -> None:
        """A balance brought forward: enough for a week on a smart meter, some change otherwise."""
        smart = any(meter.kind == "AMI" for meter in self.household.meters)
        brought = self.utility.payments[0] if smart else self.utility.coin * (self.household.place % 3)
        if brought:
            self._wallet("Adjustment", brought)

    def _usual(self, meter: Meter) -> float:
        """What the meter counts a day at this time of the year."""
        year = (self._day.timetuple().tm_yday - self.utility.coldest_day) / 365
        return meter.load * (1 + self.utility.seasons * math.cos(2 * math.pi * year))

    def _count(self, meter: Meter) -> None:
        weekend = 1.15 if self._day.weekday() >= 5 else 1.0
        usual = self._usual(meter) * weekend * self.household.randomness.uniform(0.75, 1.25)
        counted = round(usual, 1 if meter.load > 1 else 2)
        meter.credit -= counted
        meter.unpaid += counted
        units = f"{counted:.1f}" if meter.load > 1 else f"{counted:.2f}"
        self.usage.append({"meter": meter.number, "day": self._day.isoformat(), "units": units})

    def _keep_credit(self, meter: Meter) -> None:
        if self.household.place == BUYS_LITTLE:
            # For the next two days and no more, so that the end is always near.
            there, usual = max(0.0, meter.credit), self._usual(meter)
            meter.credit = there
            if there < 1.2 * usual:
                self._pay(meter, math.ceil((2.2 * usual - there) * self.utility.tariffs[meter.resource].price))
        elif meter.credit < 2 * meter.load:
            self._pay(meter)

    def _charge(self, meter: Meter) -> None:
        """A smart meter's week is taken from the wallet; before it runs dry, somebody pays something in."""
        tariff = self.utility.tariffs[meter.resource]
        energy = round(meter.unpaid * tariff.price)
        tax = (energy * tariff.tax + 50) // 100
        while self.household.balance < 2 * (energy + tax):
            self._pay(meter)
        units = str(Decimal(f"{meter.unpaid:.2f}"))
        lines = [{"kind": "tax", "amount": tax}, {"kind": "energy", "amount": energy, "units": units, "unit": meter.unit}]
        meter.unpaid = 0.0
        self._enter("Wallet", energy + tax, meter, lines, wallet_change=-(energy + tax), units=units)

    def _pay(self, meter: Meter, exactly: int | None = None) -> None:
        kind, serial = self.household.randomness.choice(TENDERS), None
        amount = exactly or self.household.randomness.choice(self.utility.payments)
        if kind == "JC" and exactly is not None:
            kind = "Cash"
        elif kind == "JC":
            card = next(self.spare_cards, None)
            if card is None:
                kind = "Cash"
            else:
                card.state, serial, amount = "used", card.serial, card.amount
        tariff = self.utility.tariffs[meter.resource] if meter.kind == "STS" else None
        applied = apply(amount, self._debts_of_the_day(), tariff)
        self._apply(applied)
        self._enter(
            kind,
            amount,
            meter,
            list(applied.lines),
            wallet_change=applied.to_wallet,
            units=str(applied.units) if applied.units else None,
            serial=serial,
        )

    def _special(self, age: int) -> None:
        """What does not happen to everybody."""
        place, first = self.household.place, self.household.meters[0]
        if place % 9 == 3 and first.kind == "STS" and self._day.day == 1:
            self._enter("Free", 0, first, [], units=str(FREE_UNITS))
        if place % 11 == 4 and age == 33:
            self._wallet("Credit", self.utility.coin * 20)
        if place % 13 == 5 and age == 47:
            self._enter("Mgmt", 0, first, [])
        if place % 8 == 7 and age in (20, 19):  # paid in by mistake, and taken back the day after
            self._wallet("Cash", self.utility.payments[0]) if age == 20 else self._wallet("Reversal", -self.utility.payments[0])
        if age == 12 and (debts := self._debts_of_the_day()):
            debt = max(debts, key=lambda debt: debt.balance)
            applied = apply(debt.balance // 10 or debt.balance, [replace(debt, share=100)], None)
            self._apply(applied)
            self._enter("Arrears", applied.sum_of("arrears"), None, list(applied.lines))
        if age == 7 and place % 5 == 1 and first.kind == "STS":
            self._reserve_to_token(first)

    def _reserve_to_token(self, meter: Meter) -> None:
        """Wallet money becomes a token where it buys at least the smallest one."""
        amount = self.household.balance
        applied = apply(amount, (), self.utility.tariffs[meter.resource])
        if applied.units:
            self._enter("Wallet", amount, meter, list(applied.lines), wallet_change=-amount, units=str(applied.units))

    def _wallet(self, kind: str, amount: int) -> None:
        self._enter(kind, amount, None, [{"kind": "wallet", "amount": amount}], wallet_change=amount)

    def _debts_of_the_day(self) -> list[Debt]:
        return [debt for debt in self.household.debts if debt.balance and debt.opened_on <= self._day.isoformat()]

    def _apply(self, applied: Applied) -> None:
        after = {debt.id: debt.balance for debt in applied.debts}
        self.household.debts = [replace(debt, balance=after.get(debt.id, debt.balance)) for debt in self.household.debts]

    def _enter(
        self,
        kind: str,
        amount: int,
        meter: Meter | None,
        lines: list[dict[str, Any]],
        *,
        wallet_change: int = 0,
        units: str | None = None,
        serial: str | None = None,
    ) -> None:
        at = self._moment()
        self.household.balance += wallet_change
        tokens: list[dict[str, Any]] = []
        if meter is not None and meter.kind == "STS" and units is not None:
            tokens = self._tokens(meter, Decimal(units), at)
            meter.credit += float(units)
        self.receipts.append(
            {
                "message_id": None,
                "transaction": "",
                "type": kind,
                "serial": serial,
                "at": rfc3339(at),
                "account": self.household.number,
                "meter": meter.number if meter else None,
                "amount": amount,
                "currency": self.utility.currency,
                "lines": lines,
                "units": units,
                "unit": meter.unit if meter else None,
                "tokens": tokens,
                "fees": sum(line["amount"] for line in lines if line["kind"] == "fee"),
                "arrears": sum(line["amount"] for line in lines if line["kind"] == "arrears"),
                "wallet_change": wallet_change,
                "wallet_balance": self.household.balance,
            }
        )

    def _tokens(self, meter: Meter, units: Decimal, at: datetime) -> list[dict[str, Any]]:
        keys = Keys(self.utility.vending_key, self.utility.supply_group)
        issued = issue(keys, meter.for_tokens(), units, at, random=self.household.randomness.randrange(16))
        meter.last_identifier = issued.identifier
        return list(issued.tokens)

    def _moment(self) -> datetime:
        """The day's next moment, some time after the one before."""
        minutes = 7 * 60 + self._parts * 80 + self.household.randomness.randrange(60)
        self._parts += 1
        at = datetime.combine(self._day, time(), ZoneInfo(self.utility.zone)) + timedelta(minutes=minutes)
        return at.astimezone(ZoneInfo("UTC"))
