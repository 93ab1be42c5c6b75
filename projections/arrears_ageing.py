"""How old is what is owed, and how is it recovered?

Two tables of facts of one question, how the balance of each debt changed: `arrears_ageing` by the day since when a debt is owed,
`arrears_movements` by the day and the cause of the change. What they add up from is kept a row a debt, in `arrears_debts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain.wallet import ArrearsStated, CardRedeemed, Debt, Line, PowerPurchased, Receipt, TransactionRecorded
from projections.daily import DailyProjection, Setting, Sums, Work, setting_table
from projections.projection import Column, Place, Recorded, Table, when
from projections.rows import from_row, load, put
from projections.view import View

AGEING = Table(
    name="arrears_ageing",
    meaning="Changes of what is owed, by the day on which they became known and the day since when it is owed.",
    key=("known_on", "opened_on", "currency"),
    columns=(
        Column("known_on", "date", "the utility's day on which Seed learnt of the change"),
        Column("opened_on", "date", "since when the debts are owed"),
        Column("currency", "text", "ISO 4217"),
        Column("debts", "bigint", "change of how many debts are open"),
        Column("balance", "bigint", "change of what is owed, minor units"),
    ),
)
MOVEMENTS = Table(
    name="arrears_movements",
    meaning="Changes of what is owed, by day and cause: added + adjusted - collected is the whole change.",
    key=("day", "known_on", "currency"),
    columns=(
        Column("day", "date", "the utility's day of the change"),
        Column("known_on", "date", "the utility's day on which Seed learnt of it"),
        Column("currency", "text", "ISO 4217"),
        Column("added", "bigint", "new debts, minor units"),
        Column("adjusted", "bigint", "other changes that Juice stated, minor units"),
        Column("collected", "bigint", "paid by customers, minor units"),
    ),
)
DEBTS = Table(
    name="arrears_debts",
    meaning="The present balance of every debt that was ever stated or paid, to tell how it changes.",
    key=("account_id", "debt_id"),
    columns=(
        Column("account_id", "uuid", "the account"),
        Column("debt_id", "text", "Juice's id of the debt"),
        Column("currency", "text", "ISO 4217"),
        Column("balance", "bigint", "what is owed, minor units"),
        Column("standing", "text", "paid: only payments told of it; stated; gone: no longer stated"),
        Column("opened_on", "date", "since when it is owed; empty while only payments told of it"),
        Column("booked_on", "date", "the day on which it counts as added"),
        Column("booked", "bigint", "what counts as added on that day, minor units"),
    ),
)


Standing = Literal["paid", "stated", "gone"]


class DebtRow(msgspec.Struct, frozen=True, kw_only=True):
    """The present state of one debt."""

    account_id: UUID
    debt_id: str
    currency: str
    balance: int
    standing: Standing
    opened_on: date | None
    booked_on: date
    booked: int


class ArrearsWork(Work):
    """Changes of debts, and the debts of the accounts that the batch is about."""

    def __init__(self, setting: Setting, debts: Sequence[DebtRow]) -> None:
        super().__init__(setting)
        self.ageing, self.movements = Sums(AGEING), Sums(MOVEMENTS)
        self.accounts: dict[UUID, dict[str, DebtRow]] = {}
        self.changed: dict[tuple[UUID, str], DebtRow] = {}
        for row in debts:
            self.accounts.setdefault(row.account_id, {})[row.debt_id] = row

    async def write(self, cursor: AsyncCursor[Any], place: Place) -> None:
        await self.ageing.write(cursor, place)
        await self.movements.write(cursor, place)
        await put(cursor, place, DEBTS, list(self.changed.values()))

    def of(self, account_id: UUID) -> dict[str, DebtRow]:
        """This will give what is known of an account's debts."""
        return self.accounts.setdefault(account_id, {})

    def change(self, row: DebtRow, known_on: date, **changes: Any) -> DebtRow:
        """This will change a debt, and count it in its age: only debts that Juice has stated have one."""
        changed = msgspec.structs.replace(row, **changes)
        for each, sign in ((row, -1), (changed, 1)):
            if each.standing == "stated" and each.opened_on is not None:
                self.ageing.add(
                    known_on, each.opened_on, each.currency, debts=sign * (each.balance > 0), balance=sign * each.balance
                )
        self.accounts[row.account_id][row.debt_id] = self.changed[row.account_id, row.debt_id] = changed
        return changed


class ArrearsAgeingProjection(DailyProjection[ArrearsWork]):
    """Adds up how debts change."""

    name = "arrears_ageing"
    tables = (AGEING, MOVEMENTS, DEBTS, setting_table("arrears_ageing"))

    async def begin(self, cursor: AsyncCursor[Any], place: Place, setting: Setting, batch: Sequence[Recorded]) -> ArrearsWork:
        accounts = {recorded.event.account_id for recorded in batch} - {None}
        return ArrearsWork(setting, await load(cursor, place, DEBTS, DebtRow, accounts) if accounts else [])

    @when(CardRedeemed, PowerPurchased, TransactionRecorded)
    def paid(self, work: ArrearsWork, recorded: Recorded) -> None:
        event: Any = recorded.event
        receipt: Receipt = event.receipt
        day, known_on = work.setting.day(receipt.happened_at), work.setting.day(event.at)
        for line in receipt.lines:
            if line.kind == "arrears":
                row = self._paid_debt(work, event.account_id, line, receipt.currency, day, known_on)
                change = 0
                if row is not None and row.standing != "gone" and line.balance_after is not None:
                    change = line.balance_after - row.balance
                    work.change(row, known_on, balance=line.balance_after)
                # What the payment does not explain was changed by Juice before or after, and is told there or here.
                work.movements.add(day, known_on, receipt.currency, collected=line.amount, adjusted=change + line.amount)

    @when(ArrearsStated)
    def stated(self, work: ArrearsWork, recorded: Recorded) -> None:
        event: Any = recorded.event
        day, known_on = work.setting.day(event.as_of), work.setting.day(event.at)
        known = work.of(event.account_id)
        for debt in event.debts:
            if debt.debt_id in known:
                self._restated(work, known[debt.debt_id], debt, day, known_on)
            else:
                self._new(work, event.account_id, debt, day, known_on)
        for debt_id in known.keys() - {debt.debt_id for debt in event.debts}:
            if known[debt_id].standing != "gone":
                work.movements.add(day, known_on, known[debt_id].currency, adjusted=-known[debt_id].balance)
                work.change(known[debt_id], known_on, balance=0, standing="gone")

    @staticmethod
    def _paid_debt(work: ArrearsWork, account_id: UUID, line: Line, currency: str, day: date, known_on: date) -> DebtRow | None:
        """A debt that Juice has not stated yet is known by its payments: it was owed when the first one was made."""
        if line.debt_id is None or line.balance_after is None:
            return None
        known = work.of(account_id)
        if line.debt_id not in known:
            before = line.balance_before if line.balance_before is not None else line.balance_after + line.amount
            known[line.debt_id] = DebtRow(
                account_id=account_id,
                debt_id=line.debt_id,
                currency=currency,
                balance=before,
                standing="paid",
                opened_on=None,
                booked_on=day,
                booked=before,
            )
            work.movements.add(day, known_on, currency, added=before)
        return known[line.debt_id]

    @staticmethod
    def _new(work: ArrearsWork, account_id: UUID, debt: Debt, day: date, known_on: date) -> None:
        opened_on = date.fromisoformat(debt.opened_on)
        row = DebtRow(
            account_id=account_id,
            debt_id=debt.debt_id,
            currency=work.setting.currency,
            balance=0,
            standing="paid",
            opened_on=None,
            booked_on=min(opened_on, day),
            booked=debt.balance,
        )
        work.movements.add(row.booked_on, known_on, row.currency, added=debt.balance)
        work.change(row, known_on, balance=debt.balance, standing="stated", opened_on=opened_on)

    @staticmethod
    def _restated(work: ArrearsWork, row: DebtRow, debt: Debt, day: date, known_on: date) -> None:
        opened_on = date.fromisoformat(debt.opened_on)
        if row.standing == "paid" and opened_on < row.booked_on:  # it was owed before its first payment that we know of
            work.movements.add(row.booked_on, known_on, row.currency, added=-row.booked)
            work.movements.add(opened_on, known_on, row.currency, added=row.booked)
            row = msgspec.structs.replace(row, booked_on=opened_on)
        if debt.balance != row.balance:
            work.movements.add(day, known_on, row.currency, adjusted=debt.balance - row.balance)
        work.change(row, known_on, balance=debt.balance, standing="stated", opened_on=opened_on)


class Bucket(NamedTuple):
    """Debts of an age, in days; `most` is None for the last one."""

    name: str
    least: int
    most: int | None


BUCKETS = (
    Bucket("0-30", 0, 30),
    Bucket("31-60", 31, 60),
    Bucket("61-90", 61, 90),
    Bucket("91-180", 91, 180),
    Bucket("181-365", 181, 365),
    Bucket("over-365", 366, None),
)


def bucket_of(age: sql.Composable) -> sql.Composed:
    """This will say in SQL which bucket an age in days falls into; a debt of tomorrow is as young as one of today."""
    cases = [
        sql.SQL("WHEN {} <= {} THEN {}").format(age, sql.Literal(bucket.most), sql.Literal(bucket.name))
        for bucket in BUCKETS
        if bucket.most is not None
    ]
    return sql.SQL("CASE {} ELSE {} END").format(sql.SQL(" ").join(cases), sql.Literal(BUCKETS[-1].name))


class Aged(msgspec.Struct, frozen=True, kw_only=True):
    """The open debts of an age at the end of a day. Money in minor units."""

    day: date
    bucket: str
    currency: str
    debts: int
    balance: int


class ArrearsAgeingView(View):
    """Reads the ages of debts."""

    async def of(self, days: Sequence[date]) -> list[Aged]:
        """This will give the open debts as they were known at the end of each day, every bucket, the youngest first."""
        query = sql.SQL(
            "SELECT asked.day, {bucket}, currency, sum(debts)::bigint, sum(balance)::bigint"
            " FROM unnest(%(days)s::date[]) AS asked (day) JOIN {table} ON known_on <= asked.day GROUP BY 1, 2, 3 ORDER BY 1, 3"
        ).format(bucket=bucket_of(sql.SQL("asked.day - opened_on")), table=self.place.of(AGEING.name))
        found: dict[tuple[date, str], dict[str, Aged]] = {}
        for values in await self.rows(query, {"days": list(days)}):
            aged = from_row(Aged, values)
            found.setdefault((aged.day, aged.currency), {})[aged.bucket] = aged
        return [
            buckets.get(bucket.name, Aged(day=day, bucket=bucket.name, currency=currency, debts=0, balance=0))
            for (day, currency), buckets in found.items()
            for bucket in BUCKETS
        ]
