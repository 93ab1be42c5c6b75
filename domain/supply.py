"""How long what is there for a meter will last: from what was bought for it, what it used, and the wallet behind it.

On an STS meter is what was typed into it; the wallet buys nothing there by itself. An AMI meter is paid from the wallet as it
counts, so that a wallet is shared by all of an account's AMI meters; what they used and were not yet charged for is owed by it.
Units are thousandths, money is in minor units, days are the utility's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

import msgspec

from domain.low_balance import ONE_DAY, Forecast
from domain.meter import Meter
from domain.wallet import Receipt

LATE = 14
"""Days up to the latest known one whose average counts as the present usage; older knowledge than that says nothing."""

KEPT = 35
"""Days up to the latest known usage that are kept one by one, since usage may be told late or corrected; others are summed up."""

MOST_KEPT = 400
"""Days, where purchases are told and no usage: a history that is read for the first time comes in that order."""

MOST_DAYS = 999
TENTH = Decimal("0.1")


class SupplyDay(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One day of one meter: what it used, None where that was not told; what was bought; what the wallet was charged for."""

    day: date
    used: int | None = None
    bought: int = 0
    charged: int = 0


class Supply(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of one meter. `before` is the stock, and `missing` the usage beyond it, as of the day `summed_until`."""

    meter: Meter
    summed_until: date | None = None
    before: int = 0
    missing: int = 0
    days: tuple[SupplyDay, ...] = ()
    price_amount: int = 0
    price_milliunits: int = 0
    topped_up_at: datetime | None = None

    def with_usage(self, readings: Iterable[tuple[date, int]]) -> Supply:
        """This will take in what was used; a day told again replaces what was known of it, one long past is left out."""
        days = {each.day: each for each in self.days}
        for day, used in readings:
            if self.summed_until is None or day > self.summed_until:
                days[day] = msgspec.structs.replace(days.get(day, SupplyDay(day)), used=used)
        return self._with(days)

    def with_receipt(self, receipt: Receipt) -> Supply:
        """This will take in what was bought for the meter, or charged for what it used."""
        if receipt.milliunits <= 0:
            return self
        day = receipt.happened_at.date()
        days = {each.day: each for each in self.days}
        known = days.get(day, SupplyDay(day))
        changed = msgspec.structs.replace(self, price_amount=_paid(receipt), price_milliunits=receipt.milliunits)
        if self.meter.kind == "AMI" and receipt.wallet_change < 0:
            days[day] = msgspec.structs.replace(known, charged=known.charged + receipt.milliunits)
            return changed._with(days)
        days[day] = msgspec.structs.replace(known, bought=known.bought + receipt.milliunits)
        topped_up_at = max(filter(None, (self.topped_up_at, receipt.happened_at)))
        return msgspec.structs.replace(changed._with(days), topped_up_at=topped_up_at)

    @property
    def known_until(self) -> date | None:
        """The latest day whose usage is known."""
        return max((each.day for each in self.days if each.used is not None), default=None)

    @property
    def average(self) -> Decimal:
        """What it uses a day of late; nothing where that is not known."""
        last = self.known_until
        late = [each.used for each in self.days if last and each.used is not None and last - each.day < timedelta(LATE)]
        return Decimal(sum(late)) / len(late) if late else Decimal(0)

    @property
    def stock(self) -> tuple[int, int]:
        """What is left of what was bought, and what was used beyond it since the last purchase.

        On an AMI meter the stock is below nothing where the wallet has yet to be charged.
        """
        return _fold(self.meter, self.before, self.missing, self.days)

    def costs(self, milliunits: int | Decimal) -> Decimal:
        """What so many thousandths of a unit cost at the last price."""
        return Decimal(milliunits) * self.price_amount / self.price_milliunits if self.price_milliunits else Decimal(0)

    def _with(self, days: dict[date, SupplyDay]) -> Supply:
        ordered = [days[day] for day in sorted(days)]
        last = max((each.day for each in ordered if each.used is not None), default=None)
        kept = [each for each in ordered if last is None or each.day > last - timedelta(KEPT)][-MOST_KEPT:]
        past = ordered[: len(ordered) - len(kept)]
        if not past:
            return msgspec.structs.replace(self, days=tuple(kept))
        before, missing = _fold(self.meter, self.before, self.missing, past)
        until = max(filter(None, (self.summed_until, past[-1].day)))
        return msgspec.structs.replace(self, summed_until=until, before=before, missing=missing, days=tuple(kept))


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """How many days a meter could go on for from the day after `known_until`."""

    meter: Meter
    days: Decimal
    known_until: date
    topped_up_at: datetime | None

    def on(self, today: date) -> Decimal | None:
        """This will give the days left, in tenths, rounded down; None where the last usage is known from too long ago."""
        if today - self.known_until > timedelta(LATE):
            return None
        passed = max(0, (today - self.known_until - ONE_DAY).days)
        return max(Decimal(0), self.days - passed).quantize(TENTH, ROUND_FLOOR)

    @property
    def forecast(self) -> Forecast:
        """The same as a day: so many whole days from the one after `known_until` on."""
        ends_on = self.known_until + ONE_DAY + timedelta(days=int(self.days))
        return Forecast(ends_on=ends_on, known_until=self.known_until, topped_up_at=self.topped_up_at)


def left(supplies: Sequence[Supply], *, wallet: int, wallet_topped_up_at: datetime | None) -> list[Left]:
    """This will say for each meter how long it lasts; a meter of which too little is known is left out.

    Too little is: no purchase, no usage, or more than a day's usage beyond all that was bought. Then there was more on the meter
    than is known here.
    """
    paid = [each for each in supplies if each.meter.kind == "AMI" and each.price_amount > 0 and each.average > 0]
    money = wallet + sum((each.costs(min(0, each.stock[0])) for each in paid), Decimal(0))
    a_day = sum((each.costs(each.average) for each in paid), Decimal(0))
    found = []
    for each in supplies:
        average, (stock, missing) = each.average, each.stock
        if each.known_until is None or average <= 0 or missing > average:
            continue
        days = max(0, stock) / average
        topped_up_at = each.topped_up_at
        if each in paid:
            days += max(Decimal(0), money) / a_day
            topped_up_at = max(filter(None, (topped_up_at, wallet_topped_up_at)), default=None)
        elif topped_up_at is None:
            continue
        days = min(days, Decimal(MOST_DAYS))
        found.append(Left(meter=each.meter, days=days, known_until=each.known_until, topped_up_at=topped_up_at))
    return found


def _fold(meter: Meter, stock: int, missing: int, days: Iterable[SupplyDay]) -> tuple[int, int]:
    """Day by day: what is used is taken before what is bought or charged on the same day."""
    for each in days:
        stock -= each.used or 0
        if meter.kind == "STS" and stock < 0:
            missing, stock = missing - stock, 0
        if each.bought > 0:
            missing = 0
        # A charge is for what was used already: it pays back, and puts nothing in store.
        stock = max(stock, min(0, stock + each.charged)) + each.bought
    return stock, missing


def _paid(receipt: Receipt) -> int:
    """What the units cost, with what goes with them: tax and fee, but no arrears."""
    return sum(line.amount for line in receipt.lines if line.kind in ("energy", "tax", "fee"))
