"""What was sold, by which channel and for which resource? One row for each day, and for each day on which Juice told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain.account_events import MeterInstalled
from domain.meter import Resource
from domain.wallet import CardRedeemed, PowerPurchased, Receipt, TransactionRecorded
from projections.daily import DailyProjection, Setting, Sums, Work, setting_table
from projections.periods import PERIODS, Period, columns, sums
from projections.projection import Column, Place, Recorded, Table, when
from projections.rows import from_row, load, put
from projections.view import View

JUICE_CARD, CREDIT_CARD = "JC", "Cash-CC"
NO_METER = "none"
"""The resource of a payment that was for no meter: it went to the wallet or to arrears alone."""

RESOURCES = (*get_args(Resource), NO_METER)

SALES = Table(
    name="sales",
    meaning="What was sold on each day, by channel and resource, without anybody in it.",
    key=("day", "known_on", "channel", "resource", "currency", "unit"),
    columns=(
        Column("day", "date", "the utility's day on which Juice sold it"),
        Column("known_on", "date", "the utility's day on which Seed learnt of it"),
        Column("channel", "text", "Juice's transaction type: JC, Cash, Cash-CC …"),
        Column("resource", "text", f"electricity, water or gas; {NO_METER} where it was for no meter"),
        Column("currency", "text", "ISO 4217"),
        Column("unit", "text", "the unit of what was bought; empty where it was for no meter"),
        Column("transactions", "bigint", "how many transactions"),
        Column("amount", "bigint", "what was paid, minor units"),
        Column("arrears", "bigint", "part that paid arrears, minor units"),
        Column("fees", "bigint", "part that paid fees, minor units"),
        Column("tax", "bigint", "part that paid tax, minor units"),
        Column("energy", "bigint", "part that bought units, minor units"),
        Column("wallet_change", "bigint", "what it changed in wallets, minor units"),
        Column("milliunits", "bigint", "units bought, in thousandths"),
    ),
)
METERS = Table(
    name="sales_meters",
    meaning="What each meter measures, to tell what a sale was for.",
    key=("meter_id",),
    columns=(
        Column("meter_id", "uuid", "the meter"),
        Column("resource", "text", "electricity, water or gas"),
    ),
)


class MeterRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one meter measures."""

    meter_id: UUID
    resource: str


class SalesWork(Work):
    """Sums of sales, and the meters they name."""

    def __init__(self, setting: Setting, meters: dict[UUID, MeterRow]) -> None:
        super().__init__(setting)
        self.sales = Sums(SALES)
        self.meters = meters
        self.installed: dict[UUID, MeterRow] = {}

    async def write(self, cursor: AsyncCursor[Any], place: Place) -> None:
        await self.sales.write(cursor, place)
        await put(cursor, place, METERS, list(self.installed.values()))


class SalesProjection(DailyProjection[SalesWork]):
    """Adds up sales."""

    name = "sales"
    tables = (SALES, METERS, setting_table("sales"))

    async def begin(self, cursor: AsyncCursor[Any], place: Place, setting: Setting, batch: Sequence[Recorded]) -> SalesWork:
        receipts = [getattr(recorded.event, "receipt", None) for recorded in batch]
        named = {receipt.meter_id for receipt in receipts if receipt is not None and receipt.meter_id is not None}
        found = await load(cursor, place, METERS, MeterRow, named) if named else []
        return SalesWork(setting, {row.meter_id: row for row in found})

    @when(MeterInstalled)
    def installed(self, work: SalesWork, recorded: Recorded) -> None:
        event: Any = recorded.event
        row = MeterRow(meter_id=event.meter_id, resource=event.resource)
        work.meters[row.meter_id] = work.installed[row.meter_id] = row

    @when(CardRedeemed)
    def redeemed(self, work: SalesWork, recorded: Recorded) -> None:
        self._sold(work, recorded, JUICE_CARD)

    @when(PowerPurchased)
    def purchased(self, work: SalesWork, recorded: Recorded) -> None:
        self._sold(work, recorded, CREDIT_CARD)

    @when(TransactionRecorded)
    def sold(self, work: SalesWork, recorded: Recorded) -> None:
        event: Any = recorded.event
        self._sold(work, recorded, event.kind)

    @staticmethod
    def _sold(work: SalesWork, recorded: Recorded, channel: str) -> None:
        event: Any = recorded.event
        receipt: Receipt = event.receipt
        meter = work.meters.get(receipt.meter_id) if receipt.meter_id is not None else None

        def part(of: str) -> int:
            return sum(line.amount for line in receipt.lines if line.kind == of)

        work.sales.add(
            work.setting.day(receipt.happened_at),
            work.setting.day(event.at),
            channel,
            NO_METER if meter is None else meter.resource,
            receipt.currency,
            "" if meter is None else receipt.unit,
            transactions=1,
            amount=receipt.amount,
            arrears=part("arrears"),
            fees=part("fee"),
            tax=part("tax"),
            energy=part("energy"),
            wallet_change=receipt.wallet_change,
            milliunits=receipt.milliunits,
        )


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold in a period by one channel for one resource. Money in minor units, units in thousandths."""

    period: date
    until: date
    channel: str
    resource: str
    currency: str
    unit: str
    transactions: int
    amount: int
    arrears: int
    fees: int
    tax: int
    energy: int
    wallet_change: int
    milliunits: int


class SalesView(View):
    """Reads sales by period."""

    async def of(
        self, wanted: Sequence[Period], *, as_of: date, resource: str | None = None, channel: str | None = None
    ) -> list[Sale]:
        """This will give what was known at the end of a day about the sales of periods, oldest first; empty ones are left out."""
        numbers = [column.name for column in SALES.columns if column.name not in SALES.key]
        query = sql.SQL(
            "SELECT period.first, period.last, channel, resource, currency, unit, {sums} FROM {periods}"
            " JOIN {table} ON day BETWEEN period.first AND period.last AND known_on <= %(as_of)s"
            " AND (%(resource)s::text IS NULL OR resource = %(resource)s)"
            " AND (%(channel)s::text IS NULL OR channel = %(channel)s)"
            " GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 3, 4, 5, 6"
        ).format(sums=sums(numbers), periods=PERIODS, table=self.place.of(SALES.name))
        first, last = columns(wanted)
        asked = {"first": first, "last": last, "as_of": as_of, "resource": resource, "channel": channel}
        return [from_row(Sale, values) for values in await self.rows(query, asked)]
