"""Who owes what? One row a debt, with its share of each transaction and its balance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace
from psycopg import AsyncCursor, sql

from domain.arrears_share_events import ShareConfirmed
from domain.wallet import ArrearsStated, CardRedeemed, Line, PowerPurchased, Receipt, TransactionRecorded
from projections.keyed import from_row
from projections.projection import Column, Place, Projection, Recorded, Table, when
from projections.rows import delete_each, load, put
from projections.view import View


class ArrearsRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One debt. Money in minor units; `share` is its percentage of each transaction."""

    account_id: UUID
    debt_id: str
    description: str
    balance: int
    original: int
    share: int
    plan: str
    opened_on: date
    changed_at: datetime


Debts = dict[str, ArrearsRow]
"""An account's, by Juice's id."""


class ArrearsProjection(Projection):
    """Keeps one row a debt; one that Juice no longer states is gone."""

    name = "arrears"
    tables = (
        Table(
            name="arrears",
            meaning="Every debt of every account, as Juice states it and payments reduce it.",
            key=("account_id", "debt_id"),
            columns=(
                Column("account_id", "uuid", "the account"),
                Column("debt_id", "text", "Juice's id of the debt"),
                Column("description", "text", "what the debt is for"),
                Column("balance", "bigint", "what is still owed, minor units"),
                Column("original", "bigint", "what was owed at first, minor units"),
                Column("share", "bigint", "percentage of each transaction that goes to it"),
                Column("plan", "text", "how it is paid back"),
                Column("opened_on", "date", "since when it is owed"),
                Column("changed_at", "timestamptz", "when it last changed"),
            ),
        ),
    )

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        mine = [recorded for recorded in batch if _is_about_debts(recorded.event)]
        if not mine:
            return
        table = self.tables[0]
        debts: dict[UUID | None, Debts] = {recorded.event.account_id: {} for recorded in mine}
        before = {(row.account_id, row.debt_id): row for row in await load(cursor, place, table, ArrearsRow, debts)}
        for row in before.values():
            debts[row.account_id][row.debt_id] = row
        for recorded in mine:
            self.handlers[type(recorded.event)](self, debts[recorded.event.account_id], recorded)
        after = {(row.account_id, row.debt_id): row for each in debts.values() for row in each.values()}
        await delete_each(cursor, place, table, [key for key in before if key not in after])
        await put(cursor, place, table, [row for key, row in after.items() if before.get(key) is not row])

    @when(ArrearsStated)
    def stated(self, debts: Debts, recorded: Recorded) -> None:
        event: Any = recorded.event
        debts.clear()
        for debt in event.debts:
            debts[debt.debt_id] = ArrearsRow(
                account_id=event.account_id,
                debt_id=debt.debt_id,
                description=debt.description,
                balance=debt.balance,
                original=debt.original,
                share=debt.share,
                plan=debt.plan,
                opened_on=date.fromisoformat(debt.opened_on),
                changed_at=event.as_of,
            )

    @when(CardRedeemed, PowerPurchased, TransactionRecorded)
    def paid(self, debts: Debts, recorded: Recorded) -> None:
        event: Any = recorded.event
        for line in _paying(event.receipt):
            if (debt := debts.get(line.debt_id or "")) is not None:
                debts[debt.debt_id] = replace(debt, balance=line.balance_after, changed_at=event.receipt.happened_at)

    @when(ShareConfirmed)
    def share_confirmed(self, debts: Debts, recorded: Recorded) -> None:
        event: Any = recorded.event
        if (debt := debts.get(event.debt_id)) is not None:
            debts[debt.debt_id] = replace(debt, share=event.share, changed_at=event.at)


def _is_about_debts(event: Any) -> bool:
    """Most payments pay none."""
    return not isinstance(event, (CardRedeemed, PowerPurchased, TransactionRecorded)) or bool(_paying(event.receipt))


def _paying(receipt: Receipt) -> list[Line]:
    return [line for line in receipt.lines if line.kind == "arrears" and line.balance_after is not None]


class ArrearsView(View):
    """Reads an account's debts."""

    async def of(self, account_id: UUID) -> list[ArrearsRow]:
        """This will give the debts in the order in which Juice pays them: 100 % ones first, then the oldest."""
        query = sql.SQL(
            "SELECT {columns} FROM {table} WHERE account_id = %s ORDER BY share < 100, opened_on, plan, debt_id"
        ).format(columns=sql.SQL(", ").join(map(sql.Identifier, ArrearsRow.__struct_fields__)), table=self.place.of("arrears"))
        return [from_row(ArrearsRow, values) for values in await self.rows(query, (account_id,))]
