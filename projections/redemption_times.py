"""What becomes of card redemptions, and how fast? One row a day of reservation, and for each day on which more became known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain import redemption_events as process
from projections.daily import DailyProjection, Setting, Sums, Work, seconds_between, setting_table
from projections.periods import PERIODS, Period, columns, sums
from projections.projection import Column, Place, Recorded, Table, when
from projections.rows import delete, from_row, load, put
from projections.view import View

TIMES = Table(
    name="redemption_times",
    meaning="What became of each day's card redemptions, and how fast, without anybody in it.",
    key=("day", "known_on", "currency"),
    columns=(
        Column("day", "date", "the utility's day on which the cards were reserved"),
        Column("known_on", "date", "the utility's day on which this became known"),
        Column("currency", "text", "ISO 4217"),
        Column("reserved", "bigint", "attempts that began"),
        Column("redeemed", "bigint", "attempts that ended redeemed"),
        Column("absent", "bigint", "attempts that ended without being redeemed"),
        Column("in_doubt", "bigint", "attempts whose outcome is unknown"),
        Column("doubted", "bigint", "attempts whose outcome was ever unknown"),
        Column("amount", "bigint", "what was redeemed, minor units"),
        Column("seconds", "bigint", "seconds from the reservation to the end, of all that ended"),
        Column("within_10_s", "bigint", "attempts that ended within 10 seconds"),
        Column("within_1_min", "bigint", "attempts that ended within a minute"),
        Column("within_1_h", "bigint", "attempts that ended within an hour"),
    ),
)
ATTEMPTS = Table(
    name="redemption_times_attempts",
    meaning="Redemptions that have not ended, or ended without being redeemed, which Juice may still correct.",
    key=("redemption_id",),
    columns=(
        Column("redemption_id", "uuid", "keyed id that follows from the card's serial"),
        Column("currency", "text", "ISO 4217"),
        Column("reserved_at", "timestamptz", "when the attempt began"),
        Column("day", "date", "the day on which it counts"),
        Column("in_doubt", "boolean", "whether its outcome is unknown"),
        Column("doubted", "boolean", "whether it ever was"),
        Column("seconds", "bigint", "how long it took, where it ended without being redeemed"),
    ),
)
TENTH = Decimal("0.1")
LIMITS = {"within_10_s": 10, "within_1_min": 60, "within_1_h": 3600}


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt with a card."""

    redemption_id: UUID
    currency: str
    reserved_at: datetime
    day: date
    in_doubt: bool = False
    doubted: bool = False
    seconds: int | None = None


class TimesWork(Work):
    """Sums of outcomes, and the attempts that the batch is about; None where one need not be remembered any more."""

    def __init__(self, setting: Setting, attempts: Sequence[AttemptRow]) -> None:
        super().__init__(setting)
        self.times = Sums(TIMES)
        self.attempts: dict[UUID, AttemptRow | None] = {row.redemption_id: row for row in attempts}

    async def write(self, cursor: AsyncCursor[Any], place: Place) -> None:
        await self.times.write(cursor, place)
        if gone := [key for key, row in self.attempts.items() if row is None]:
            await delete(cursor, place, ATTEMPTS, gone)
        await put(cursor, place, ATTEMPTS, [row for row in self.attempts.values() if row is not None])

    def count(self, row: AttemptRow, recorded: Recorded, **numbers: int) -> None:
        """This will count something of an attempt."""
        self.times.add(row.day, self.setting.day(recorded.event.at), row.currency, **numbers)


class RedemptionTimesProjection(DailyProjection[TimesWork]):
    """Adds up what becomes of redemptions."""

    name = "redemption_times"
    tables = (TIMES, ATTEMPTS, setting_table("redemption_times"))

    async def begin(self, cursor: AsyncCursor[Any], place: Place, setting: Setting, batch: Sequence[Recorded]) -> TimesWork:
        keys = {recorded.event.originator_id for recorded in batch}
        return TimesWork(setting, await load(cursor, place, ATTEMPTS, AttemptRow, keys))

    @when(process.RedemptionReserved)
    def reserved(self, work: TimesWork, recorded: Recorded) -> None:
        event: Any = recorded.event
        row = AttemptRow(
            redemption_id=event.originator_id,
            currency=event.currency,
            reserved_at=event.at,
            day=work.setting.day(event.at),
        )
        work.attempts[row.redemption_id] = row
        work.count(row, recorded, reserved=1)

    @when(process.RedemptionDoubted)
    def doubted(self, work: TimesWork, recorded: Recorded) -> None:
        row = _attempt(work, recorded)
        work.count(row, recorded, in_doubt=not row.in_doubt, doubted=not row.doubted)
        work.attempts[row.redemption_id] = msgspec.structs.replace(row, in_doubt=True, doubted=True)

    @when(process.RedemptionSettled, process.RedemptionFoundMade)
    def redeemed(self, work: TimesWork, recorded: Recorded) -> None:
        event: Any = recorded.event
        row = _attempt(work, recorded)
        if row.seconds is not None:  # it had been proven absent, and that is corrected
            work.count(row, recorded, absent=-1, **_ended(-1, row.seconds))
        work.count(row, recorded, redeemed=1, in_doubt=-row.in_doubt, amount=event.receipt.amount)
        work.count(row, recorded, **_ended(1, seconds_between(row.reserved_at, recorded.event.at)))
        work.attempts[row.redemption_id] = None

    @when(process.RedemptionProvenAbsent)
    def proven_absent(self, work: TimesWork, recorded: Recorded) -> None:
        row = _attempt(work, recorded)
        seconds = seconds_between(row.reserved_at, recorded.event.at)
        work.count(row, recorded, absent=1, in_doubt=-row.in_doubt, **_ended(1, seconds))
        work.attempts[row.redemption_id] = msgspec.structs.replace(row, in_doubt=False, seconds=seconds)


def _attempt(work: TimesWork, recorded: Recorded) -> AttemptRow:
    row = work.attempts[recorded.event.originator_id]
    if row is None:
        raise LookupError("a redemption that has ended does not go on")
    return row


def _ended(sign: int, seconds: int) -> dict[str, int]:
    return {"seconds": sign * seconds, **{name: sign * (seconds <= most) for name, most in LIMITS.items()}}


class Redeemed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the redemptions that were reserved in a period. Money in minor units."""

    period: date
    until: date
    currency: str
    reserved: int
    redeemed: int
    absent: int
    in_doubt: int
    doubted: int
    amount: int
    seconds: int
    within_10_s: int
    within_1_min: int
    within_1_h: int

    @property
    def average_seconds(self) -> Decimal | None:
        """The time from reservation to end, on average; None where none has ended."""
        ended = self.redeemed + self.absent
        return (Decimal(self.seconds) / ended).quantize(TENTH) if ended else None


class RedemptionTimesView(View):
    """Reads what became of redemptions."""

    async def of(self, wanted: Sequence[Period], *, as_of: date) -> list[Redeemed]:
        """This will give what was known at the end of a day of the redemptions of periods; empty ones are left out."""
        numbers = [column.name for column in TIMES.columns if column.name not in TIMES.key]
        query = sql.SQL(
            "SELECT period.first, period.last, currency, {sums} FROM {periods}"
            " JOIN {table} ON day BETWEEN period.first AND period.last AND known_on <= %(as_of)s GROUP BY 1, 2, 3 ORDER BY 1, 3"
        ).format(sums=sums(numbers), periods=PERIODS, table=self.place.of(TIMES.name))
        first, last = columns(wanted)
        rows = await self.rows(query, {"first": first, "last": last, "as_of": as_of})
        return [from_row(Redeemed, values) for values in rows]
