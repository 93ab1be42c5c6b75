"""What happened lately? Every transaction of an account, wherever it was made, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain.account_events import PersonForgotten
from domain.wallet import CardRedeemed, Line, PowerPurchased, Receipt, Token, TransactionRecorded
from projections.keyed import from_row
from projections.projection import Column, Place, Projection, Recorded, Table, when
from projections.rows import put
from projections.view import View

DEFAULT_DAYS = 90

KINDS = (
    "Adjustment",
    "Arrears",
    "Cash",
    "Cash-CC",
    "Cash-Check",
    "Cash-DC",
    "Credit",
    "Free",
    "JC",
    "Mgmt",
    "Reversal",
    "Wallet",
)
"""Juice's transaction types."""


class ActivityRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One transaction. Money in minor units of `currency`, units in thousandths; `kind` is Juice's transaction type."""

    account_id: UUID
    position: int
    happened_at: datetime
    kind: str
    juice_number: str
    meter_id: UUID | None
    amount: int
    currency: str
    milliunits: int
    unit: str
    arrears: int
    fees: int
    tax: int
    wallet_change: int
    wallet_balance: int
    lines: tuple[Line, ...]
    tokens: tuple[Token, ...]


class ActivityProjection(Projection):
    """Keeps one row a transaction."""

    name = "activity"
    tables = (
        Table(
            name="activity",
            meaning="Every transaction of an account, wherever it was made.",
            key=("account_id", "position"),
            indexes=(("account_id", "happened_at", "position"), ("account_id", "juice_number")),
            columns=(
                Column("account_id", "uuid", "the account"),
                Column("position", "bigint", "position of the event in the log"),
                Column("happened_at", "timestamptz", "when Juice did it"),
                Column("kind", "text", "Juice's transaction type"),
                Column("juice_number", "text", "Juice's number of the transaction", personal=True),
                Column("meter_id", "uuid", "the meter it was for"),
                Column("amount", "bigint", "what was paid, minor units"),
                Column("currency", "text", "ISO 4217"),
                Column("milliunits", "bigint", "units bought, in thousandths"),
                Column("unit", "text", "the unit of what was bought"),
                Column("arrears", "bigint", "part that paid arrears, minor units"),
                Column("fees", "bigint", "part that paid fees, minor units"),
                Column("tax", "bigint", "part that paid tax, minor units"),
                Column("wallet_change", "bigint", "change of the wallet, minor units"),
                Column("wallet_balance", "bigint", "wallet balance afterwards, as Juice says, minor units"),
                Column("lines", "jsonb", "what the payment was applied to, line by line"),
                Column("tokens", "jsonb", "STS tokens in the order in which they must be entered", personal=True),
            ),
        ),
    )

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        for forgets, run in groupby(batch, lambda recorded: isinstance(recorded.event, PersonForgotten)):
            rows = [self.handlers[type(recorded.event)](self, recorded) for recorded in run]
            if forgets:
                # Juice's numbers would lead back to the person; the amounts stay.
                emptied = sql.SQL("UPDATE {} SET juice_number = '', tokens = '[]' WHERE account_id = ANY(%s)")
                await cursor.execute(emptied.format(place.of("activity")), (rows,))
            else:
                await put(cursor, place, self.tables[0], rows)

    @when(CardRedeemed)
    def card_redeemed(self, recorded: Recorded) -> ActivityRow:
        return self._row(recorded, "JC")

    @when(PowerPurchased)
    def power_purchased(self, recorded: Recorded) -> ActivityRow:
        return self._row(recorded, "Cash-CC")

    @when(TransactionRecorded)
    def transaction_recorded(self, recorded: Recorded) -> ActivityRow:
        return self._row(recorded, recorded.event.kind)  # type: ignore[attr-defined]

    @when(PersonForgotten)
    def person_forgotten(self, recorded: Recorded) -> UUID:
        return recorded.event.originator_id

    @staticmethod
    def _row(recorded: Recorded, kind: str) -> ActivityRow:
        event: Any = recorded.event
        receipt: Receipt = event.receipt

        def part(of: str) -> int:
            return sum(line.amount for line in receipt.lines if line.kind == of)

        return ActivityRow(
            account_id=event.account_id,
            position=recorded.position,
            happened_at=receipt.happened_at,
            kind=kind,
            juice_number=receipt.juice_number,
            meter_id=receipt.meter_id,
            amount=receipt.amount,
            currency=receipt.currency,
            milliunits=receipt.milliunits,
            unit=receipt.unit,
            arrears=part("arrears"),
            fees=part("fee"),
            tax=part("tax"),
            wallet_change=receipt.wallet_change,
            wallet_balance=receipt.wallet_balance,
            lines=receipt.lines,
            tokens=receipt.tokens,
        )


class ActivityView(View):
    """Reads an account's transactions."""

    async def recent(
        self,
        account_id: UUID,
        *,
        limit: int,
        since: datetime | None = None,
        before: tuple[datetime, int] | None = None,
        kind: str | None = None,
    ) -> list[ActivityRow]:
        """This will give transactions, newest first: not older than `since`, of one `kind` where one is given, and past
        `before`, the last row's (happened_at, position), where one pages on."""
        condition = sql.SQL(
            "(%(since)s::timestamptz IS NULL OR happened_at >= %(since)s)"
            " AND (%(kind)s::text IS NULL OR kind = %(kind)s)"
            " AND (%(at)s::timestamptz IS NULL OR (happened_at, position) < (%(at)s, %(position)s))"
        )
        at, position = before or (None, None)
        asked = {"since": since, "kind": kind, "at": at, "position": position, "limit": limit}
        return await self._newest(account_id, condition, asked)

    async def one(self, account_id: UUID, juice_number: str) -> ActivityRow | None:
        """This will give the account's transaction that has this number; None where it has none."""
        found = await self._newest(account_id, sql.SQL("juice_number = %(number)s"), {"number": juice_number, "limit": 1})
        return found[0] if found else None

    async def towards_arrears(self, account_id: UUID, *, since: datetime, limit: int) -> list[ActivityRow]:
        """This will give the transactions of which a part went to arrears, newest first, not older than `since`."""
        condition = sql.SQL("arrears <> 0 AND happened_at >= %(since)s")
        return await self._newest(account_id, condition, {"since": since, "limit": limit})

    async def _newest(self, account_id: UUID, condition: sql.SQL, asked: dict[str, Any]) -> list[ActivityRow]:
        query = sql.SQL(
            "SELECT {columns} FROM {table} WHERE account_id = %(account)s AND {condition}"
            " ORDER BY happened_at DESC, position DESC LIMIT %(limit)s"
        ).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, ActivityRow.__struct_fields__)),
            table=self.place.of("activity"),
            condition=condition,
        )
        return [from_row(ActivityRow, values) for values in await self.rows(query, {"account": account_id, **asked})]
