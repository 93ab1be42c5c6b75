"""Who owes what? One row a debt, with its share of each transaction and its balance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain.arrears_share_events import ShareConfirmed
from domain.wallet import ArrearsStated, CardRedeemed, PowerPurchased, TransactionRecorded
from projections.keyed import from_row
from projections.projection import Column, Place, Projection, Recorded, Table, when
from projections.view import View


class ArrearsRow(msgspec.Struct, frozen=True, kw_only=True):
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
        for recorded in batch:
            await self.handlers[type(recorded.event)](self, cursor, place, recorded)

    @when(ArrearsStated)
    async def stated(self, cursor: AsyncCursor[Any], place: Place, recorded: Recorded) -> None:
        event: Any = recorded.event
        table = place.of("arrears")
        await cursor.execute(sql.SQL("DELETE FROM {} WHERE account_id = %s").format(table), (event.account_id,))
        await cursor.executemany(
            sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)").format(table),
            [
                (event.account_id, d.debt_id, d.description, d.balance, d.original, d.share, d.plan, d.opened_on, event.as_of)
                for d in event.debts
            ],
        )

    @when(CardRedeemed, PowerPurchased, TransactionRecorded)
    async def paid(self, cursor: AsyncCursor[Any], place: Place, recorded: Recorded) -> None:
        event: Any = recorded.event
        for line in event.receipt.lines:
            if line.kind == "arrears" and line.balance_after is not None:
                await cursor.execute(
                    sql.SQL("UPDATE {} SET balance = %s, changed_at = %s WHERE account_id = %s AND debt_id = %s").format(
                        place.of("arrears")
                    ),
                    (line.balance_after, event.receipt.happened_at, event.account_id, line.debt_id),
                )

    @when(ShareConfirmed)
    async def share_confirmed(self, cursor: AsyncCursor[Any], place: Place, recorded: Recorded) -> None:
        event: Any = recorded.event
        await cursor.execute(
            sql.SQL("UPDATE {} SET share = %s, changed_at = %s WHERE account_id = %s AND debt_id = %s").format(
                place.of("arrears")
            ),
            (event.share, event.at, event.account_id, event.debt_id),
        )


class ArrearsView(View):
    """Reads an account's debts."""

    async def of(self, account_id: UUID) -> list[ArrearsRow]:
        """This will give the debts in the order in which Juice pays them: 100 % ones first, then the oldest."""
        query = sql.SQL(
            "SELECT {columns} FROM {table} WHERE account_id = %s ORDER BY share < 100, opened_on, plan, debt_id"
        ).format(columns=sql.SQL(", ").join(map(sql.Identifier, ArrearsRow.__struct_fields__)), table=self.place.of("arrears"))
        return [from_row(ArrearsRow, values) for values in await self.rows(query, (account_id,))]
