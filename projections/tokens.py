"""Which tokens has this account? One row a token, from every transaction, wherever it was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain.account_events import PersonForgotten
from domain.token_shelf import token_id
from domain.token_shelf_events import TokenMarkedEntered, TokenMarkRemoved
from domain.wallet import CardRedeemed, PowerPurchased, Receipt, TransactionRecorded
from projections.keyed import from_row
from projections.projection import Column, Place, Projection, Recorded, Table, when
from projections.view import View


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """One token; `token_order` is its place among its transaction's. Money in minor units, units in thousandths.

    `entered_at`: the customer marked it. `reversed_at`: the transaction was taken back. `passed`: a later token of the same
    meter is marked, so that the meter would refuse this one unless it took it before.
    """

    token_id: UUID
    account_id: UUID
    meter_id: UUID | None
    issued_at: datetime
    position: int
    token_order: int
    kind: str
    digits: str
    transaction_kind: str
    juice_number: str
    amount: int
    currency: str
    milliunits: int
    unit: str
    entered_at: datetime | None
    reversed_at: datetime | None
    passed: bool


class TokensProjection(Projection):
    """Keeps one row a token."""

    name = "tokens"
    tables = (
        Table(
            name="tokens",
            meaning="Every STS token of an account, from every transaction, and whether its customer entered it.",
            key=("token_id",),
            indexes=(("account_id", "issued_at", "position"),),
            columns=(
                Column("token_id", "uuid", "follows from the event that brought it, and its place there"),
                Column("account_id", "uuid", "the account"),
                Column("meter_id", "uuid", "the one meter that takes it"),
                Column("issued_at", "timestamptz", "when Juice issued it"),
                Column("position", "bigint", "position of the transaction's event in the log"),
                Column("token_order", "bigint", "place among its transaction's tokens: the order of entry"),
                Column("kind", "text", "key-change or credit"),
                Column("digits", "text", "the 20 digits", personal=True),
                Column("transaction_kind", "text", "Juice's type of the transaction that brought it"),
                Column("juice_number", "text", "Juice's number of that transaction", personal=True),
                Column("amount", "bigint", "what was paid in that transaction, minor units"),
                Column("currency", "text", "ISO 4217"),
                Column("milliunits", "bigint", "units of that transaction, in thousandths"),
                Column("unit", "text", "the unit of what was bought"),
                Column("entered_at", "timestamptz", "when the customer marked it as entered"),
                Column("reversed_at", "timestamptz", "when the transaction was reversed"),
            ),
        ),
    )

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        for recorded in batch:
            await self.handlers[type(recorded.event)](self, cursor, place, recorded)

    @when(CardRedeemed)
    async def card_redeemed(self, cursor: AsyncCursor[Any], place: Place, recorded: Recorded) -> None:
        await self._issued(cursor, place, recorded, "JC")

    @when(PowerPurchased)
    async def power_purchased(self, cursor: AsyncCursor[Any], place: Place, recorded: Recorded) -> None:
        await self._issued(cursor, place, recorded, "Cash-CC")

    @when(TransactionRecorded)
    async def transaction_recorded(self, cursor: AsyncCursor[Any], place: Place, recorded: Recorded) -> None:
        event: Any = recorded.event
        await self._issued(cursor, place, recorded, event.kind)
        if event.kind == "Reversal":
            await self._reversed(cursor, place, event)

    @when(TokenMarkedEntered, TokenMarkRemoved)
    async def marked(self, cursor: AsyncCursor[Any], place: Place, recorded: Recorded) -> None:
        event: Any = recorded.event
        await cursor.execute(
            sql.SQL("UPDATE {} SET entered_at = %s WHERE token_id = %s AND account_id = %s").format(place.of("tokens")),
            (event.at if isinstance(event, TokenMarkedEntered) else None, event.token_id, event.account_id),
        )

    @when(PersonForgotten)
    async def person_forgotten(self, cursor: AsyncCursor[Any], place: Place, recorded: Recorded) -> None:
        await cursor.execute(
            sql.SQL("DELETE FROM {} WHERE account_id = %s").format(place.of("tokens")), (recorded.event.originator_id,)
        )

    async def _issued(self, cursor: AsyncCursor[Any], place: Place, recorded: Recorded, kind: str) -> None:
        event: Any = recorded.event
        receipt: Receipt = event.receipt
        if not receipt.tokens:
            return
        columns = [column.name for column in self.tables[0].columns if column.name not in ("entered_at", "reversed_at")]
        await cursor.executemany(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                place.of("tokens"),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
            ),
            [
                (
                    token_id(event.originator_id, event.originator_version, token.order),
                    event.account_id,
                    receipt.meter_id,
                    receipt.happened_at,
                    recorded.position,
                    token.order,
                    token.kind,
                    token.digits,
                    kind,
                    receipt.juice_number,
                    receipt.amount,
                    receipt.currency,
                    receipt.milliunits,
                    receipt.unit,
                )
                for token in receipt.tokens
            ],
        )

    @staticmethod
    async def _reversed(cursor: AsyncCursor[Any], place: Place, event: TransactionRecorded) -> None:
        """Juice's reversal does not name what it takes back: the last sale of its amount for its meter that stands."""
        receipt = event.receipt
        await cursor.execute(
            sql.SQL(
                "UPDATE {tokens} SET reversed_at = %(at)s WHERE position = (SELECT position FROM {tokens}"
                " WHERE account_id = %(account)s AND meter_id = %(meter)s AND amount = %(amount)s AND currency = %(currency)s"
                " AND issued_at <= %(at)s AND reversed_at IS NULL ORDER BY issued_at DESC, position DESC LIMIT 1)"
                " AND account_id = %(account)s"
            ).format(tokens=place.of("tokens")),
            {
                "at": receipt.happened_at,
                "account": event.account_id,
                "meter": receipt.meter_id,
                "amount": -receipt.amount,
                "currency": receipt.currency,
            },
        )


class TokensView(View):
    """Reads an account's tokens."""

    async def latest(
        self,
        account_id: UUID,
        *,
        transactions: int,
        meter_id: UUID | None = None,
        before: tuple[datetime, int] | None = None,
    ) -> list[TokenRow]:
        """This will give the tokens of the last so many transactions in the order of issue, of one meter or of all; past
        `before`, the (issued_at, position) of a transaction, where one pages on to older ones."""
        at, position = before or (None, None)
        chosen = sql.SQL(
            "WITH chosen AS (SELECT DISTINCT issued_at, position FROM {tokens} WHERE account_id = %(account)s"
            " AND (%(meter)s::uuid IS NULL OR meter_id = %(meter)s)"
            " AND (%(at)s::timestamptz IS NULL OR (issued_at, position) < (%(at)s, %(position)s))"
            " ORDER BY issued_at DESC, position DESC LIMIT %(transactions)s)"
        )
        asked = {
            "account": account_id,
            "meter": meter_id,
            "at": at,
            "position": position,
            "transactions": transactions,
        }
        return await self._of(
            chosen, sql.SQL("t.account_id = %(account)s AND t.position IN (SELECT position FROM chosen)"), asked
        )

    async def transaction_of(self, account_id: UUID, token_id: UUID) -> list[TokenRow]:
        """This will give all tokens that came with one of the account's; none where it is not the account's."""
        chosen = sql.SQL("WITH chosen AS (SELECT position FROM {tokens} WHERE account_id = %(account)s AND token_id = %(token)s)")
        condition = sql.SQL("t.account_id = %(account)s AND t.position = (SELECT position FROM chosen)")
        return await self._of(chosen, condition, {"account": account_id, "token": token_id})

    async def _of(self, chosen: sql.SQL, condition: sql.SQL, asked: dict[str, Any]) -> list[TokenRow]:
        # A meter takes no token that is older than one it took: hence `passed`.
        passed = sql.SQL(
            "EXISTS (SELECT FROM {tokens} AS l WHERE l.account_id = t.account_id AND l.meter_id = t.meter_id"
            " AND l.entered_at IS NOT NULL"
            " AND (l.issued_at, l.position, l.token_order) > (t.issued_at, t.position, t.token_order))"
        )
        tokens = self.place.of("tokens")
        query = sql.SQL(" ").join(
            [
                chosen.format(tokens=tokens),
                sql.SQL("SELECT"),
                sql.SQL(", ").join(sql.Identifier("t", name) for name in TokenRow.__struct_fields__[:-1]),
                sql.SQL(", "),
                passed.format(tokens=tokens),
                sql.SQL("FROM {} AS t WHERE").format(tokens),
                condition,
                sql.SQL("ORDER BY t.issued_at, t.position, t.token_order"),
            ]
        )
        return [from_row(TokenRow, values) for values in await self.rows(query, asked)]
