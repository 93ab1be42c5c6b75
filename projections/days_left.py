"""How long will what is there last, and whom is that to be told when? One row an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from psycopg import sql

from domain import account_events as account
from domain import supply
from domain import wallet as money
from domain.clock import UNDER
from domain.clock_events import ClockSet, LowBalanceNoticed
from domain.clocks import Clocks
from domain.low_balance import TRUSTED_FOR, Forecast, Told, due, due_on
from domain.meter import Meter
from domain.supply import Left, Supply
from domain.usage import UsageRecorded
from projections.keyed import KeyedProjection, from_row
from projections.projection import Column, Recorded, Table, when
from projections.view import KeyedView

EARLIEST = timedelta(days=max(max(under) for under in UNDER.values()))
"""Nothing is due earlier before the end than this, so that what became due longer ago has ended."""


class DaysLeft(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of an account's meters, its wallet in minor units, its clock, and what was told of each meter.

    `due_on` is the first day on which something will be due to be told, if all stays as it is, and `due_until` the last.
    """

    account_id: UUID
    wallet_id: UUID
    wallet_balance: int = 0
    wallet_topped_up_at: datetime | None = None
    supplies: tuple[Supply, ...] = ()
    clocks: Clocks = Clocks()
    told: dict[UUID, Told] = {}
    due_on: date | None = None
    due_until: date | None = None
    position: int = 0

    @property
    def left(self) -> list[Left]:
        """How long each meter lasts of which enough is known."""
        return supply.left(self.supplies, wallet=self.wallet_balance, wallet_topped_up_at=self.wallet_topped_up_at)

    def due(self, today: date) -> dict[UUID, Forecast]:
        """This will give the meters of which something is to be told today, each with its forecast."""
        clock = self.clocks.present
        forecasts = {left.meter.meter_id: left.forecast for left in self.left}
        return {id: each for id, each in forecasts.items() if due(clock, each, self.told.get(id), today) is not None}


class DaysLeftProjection(KeyedProjection[DaysLeft]):
    """Keeps one row an account."""

    name = "days_left"
    row = DaysLeft
    tables = (
        Table(
            name="days_left",
            meaning="How long what is there for an account's meters lasts, and when that is to be told.",
            key=("account_id",),
            indexes=(("due_on", "account_id", "due_until"),),
            columns=(
                Column("account_id", "uuid", "the account"),
                Column("wallet_id", "uuid", "its wallet"),
                Column("wallet_balance", "bigint", "wallet balance in minor units"),
                Column("wallet_topped_up_at", "timestamptz", "when something was last paid into the wallet"),
                Column("supplies", "jsonb", "each meter and its recent days: used, bought, charged", personal=True),
                Column("clocks", "jsonb", "how much the customer wants to be contacted"),
                Column("told", "jsonb", "what was last told of each meter"),
                Column("due_on", "date", "first day on which a low balance is due to be told"),
                Column("due_until", "date", "last day on which it can be told"),
                Column("position", "bigint", "position of the last event in this row"),
            ),
        ),
    )

    def finished(self, row: DaysLeft) -> DaysLeft:
        return _reckoned(row)

    @when(account.AccountOpened)
    def opened(self, row: DaysLeft | None, recorded: Recorded) -> DaysLeft:
        event: Any = recorded.event
        return DaysLeft(account_id=event.originator_id, wallet_id=event.wallet_id, position=recorded.position)

    @when(account.MeterInstalled)
    def meter_installed(self, row: DaysLeft | None, recorded: Recorded) -> DaysLeft | None:
        event: Any = recorded.event
        meter = Meter(meter_id=event.meter_id, number=event.number, kind=event.kind, resource=event.resource, unit=event.unit)

        def described(known: Supply | None) -> Supply:
            return Supply(meter=meter) if known is None else msgspec.structs.replace(known, meter=meter)

        return _with(row, recorded, supplies=() if row is None else _changed(row.supplies, meter.meter_id, described))

    @when(account.MeterRemoved)
    def meter_removed(self, row: DaysLeft | None, recorded: Recorded) -> DaysLeft | None:
        event: Any = recorded.event
        return _with(row, recorded, supplies=() if row is None else _changed(row.supplies, event.meter_id, lambda _: None))

    @when(account.PersonForgotten)
    def forgotten(self, row: DaysLeft | None, recorded: Recorded) -> None:
        return None

    @when(money.CardRedeemed, money.PowerPurchased, money.TransactionRecorded)
    def money_moved(self, row: DaysLeft | None, recorded: Recorded) -> DaysLeft | None:
        if row is None:
            return None
        receipt: money.Receipt = recorded.event.receipt  # type: ignore[attr-defined]
        changes: dict[str, Any] = {"wallet_balance": row.wallet_balance + receipt.wallet_change}
        if receipt.wallet_change > 0:
            changes["wallet_topped_up_at"] = max(filter(None, (row.wallet_topped_up_at, receipt.happened_at)))
        if receipt.meter_id is not None:
            changes["supplies"] = _changed(row.supplies, receipt.meter_id, lambda known: known and known.with_receipt(receipt))
        return _with(row, recorded, **changes)

    @when(money.WalletReconciled)
    def wallet_reconciled(self, row: DaysLeft | None, recorded: Recorded) -> DaysLeft | None:
        event: Any = recorded.event
        return _with(row, recorded, wallet_balance=event.juice_balance)

    @when(UsageRecorded)
    def usage_recorded(self, row: DaysLeft | None, recorded: Recorded) -> DaysLeft | None:
        event: Any = recorded.event
        readings = [(reading.day, reading.milliunits) for reading in event.readings]

        def counted(known: Supply | None) -> Supply | None:
            return None if known is None else known.with_usage(readings)

        return _with(row, recorded, supplies=() if row is None else _changed(row.supplies, event.meter_id, counted))

    @when(ClockSet)
    def clock_set(self, row: DaysLeft | None, recorded: Recorded) -> DaysLeft | None:
        event: Any = recorded.event
        return None if row is None else _with(row, recorded, clocks=row.clocks.after_set(event))

    @when(account.PasswordIssueUndone)
    def issue_undone(self, row: DaysLeft | None, recorded: Recorded) -> DaysLeft | None:
        event: Any = recorded.event
        return None if row is None else _with(row, recorded, clocks=row.clocks.after_undo(event.issue_id))

    @when(LowBalanceNoticed)
    def noticed(self, row: DaysLeft | None, recorded: Recorded) -> DaysLeft | None:
        event: Any = recorded.event
        return None if row is None else _with(row, recorded, told={**row.told, event.meter_id: Told.by(event)})


def _changed(supplies: tuple[Supply, ...], meter_id: UUID, change: Any) -> tuple[Supply, ...]:
    others = [each for each in supplies if each.meter.meter_id != meter_id]
    changed = change(next((each for each in supplies if each.meter.meter_id == meter_id), None))
    kept = others if changed is None else [*others, changed]
    return tuple(sorted(kept, key=lambda each: each.meter.meter_id))


def _with(row: DaysLeft | None, recorded: Recorded, **changes: Any) -> DaysLeft | None:
    # A forgotten account has no row any more; its money goes on being recorded all the same.
    return None if row is None else msgspec.structs.replace(row, position=recorded.position, **changes)


def _reckoned(row: DaysLeft) -> DaysLeft:
    forecasts = [(each.forecast, row.told.get(each.meter.meter_id)) for each in row.left]
    days = [(day, forecast) for forecast, told in forecasts if (day := due_on(row.clocks.present, forecast, told)) is not None]
    return msgspec.structs.replace(
        row,
        due_on=min((day for day, _ in days), default=None),
        due_until=max((min(forecast.ends_on, forecast.known_until + TRUSTED_FOR) for _, forecast in days), default=None),
    )


class DaysLeftView(KeyedView[DaysLeft]):
    """Reads how long an account's meters last, and of whom something is due to be told."""

    projection = DaysLeftProjection

    async def of(self, account_id: UUID) -> DaysLeft | None:
        """This will give the account's row; None for an account that is unknown or forgotten."""
        return await self.one(account_id)

    async def due(self, today: date, *, after: tuple[date, UUID] | None, limit: int) -> Sequence[DaysLeft]:
        """This will give accounts of which something may be due today, past (`due_on`, `account_id`), in that order.

        One whose events could not be taken into its row is left out: nobody knows what it lacks.
        """
        first = after or (today - EARLIEST, UUID(int=0))
        query = sql.SQL(
            "SELECT {columns} FROM {table} AS row WHERE (due_on, account_id) > (%(day)s, %(account)s) AND due_on <= %(today)s"
            " AND due_until >= %(today)s AND NOT EXISTS (SELECT FROM {parked} AS held WHERE held.follower = %(name)s"
            " AND held.originator_id IN (row.account_id, row.wallet_id)) ORDER BY due_on, account_id LIMIT %(limit)s"
        ).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, DaysLeft.__struct_fields__)),
            table=self.place.of("days_left"),
            parked=self.place.of("parked"),
        )
        name = self.projection.name
        asked = {"day": first[0], "account": first[1], "today": today, "name": name, "limit": limit}
        return [from_row(DaysLeft, values) for values in await self.rows(query, asked)]
