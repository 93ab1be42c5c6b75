"""Which tokens has this account? One row a token, from every transaction, wherever it was made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
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
from projections.rows import put
from projections.view import View


class TokenRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    entered_at: datetime | None = None
    reversed_at: datetime | None = None
    passed: bool = False


Change = Callable[[AsyncCursor[Any], Place], Awaitable[None]]
"""What happens to tokens that are written already."""


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
        """Tokens are written together, up to where something happens to one of them."""
        issued: list[TokenRow] = []
        for recorded in batch:
            change = self.handlers[type(recorded.event)](self, issued, recorded)
            if change is not None:
                await put(cursor, place, self.tables[0], issued)
                issued.clear()
                await change(cursor, place)
        await put(cursor, place, self.tables[0], issued)

    @when(CardRedeemed)
    def card_redeemed(self, issued: list[TokenRow], recorded: Recorded) -> None:
        issued += _tokens(recorded, "JC")

    @when(PowerPurchased)
    def power_purchased(self, issued: list[TokenRow], recorded: Recorded) -> None:
        issued += _tokens(recorded, "Cash-CC")

    @when(TransactionRecorded)
    def transaction_recorded(self, issued: list[TokenRow], recorded: Recorded) -> Change | None:
        event: Any = recorded.event
        issued += _tokens(recorded, event.kind)
        return partial(self._reversed, event=event) if event.kind == "Reversal" else None

    @when(TokenMarkedEntered, TokenMarkRemoved)
    def marked(self, issued: list[TokenRow], recorded: Recorded) -> Change:
        return partial(self._marked, event=recorded.event)

    @when(PersonForgotten)
    def person_forgotten(self, issued: list[TokenRow], recorded: Recorded) -> Change:
        return partial(self._forgotten, account_id=recorded.event.originator_id)

    @staticmethod
    async def _marked(cursor: AsyncCursor[Any], place: Place, event: Any) -> None:
        await cursor.execute(
            sql.SQL("UPDATE {} SET entered_at = %s WHERE token_id = %s AND account_id = %s").format(place.of("tokens")),
            (event.at if isinstance(event, TokenMarkedEntered) else None, event.token_id, event.account_id),
        )

    @staticmethod
    async def _forgotten(cursor: AsyncCursor[Any], place: Place, account_id: UUID) -> None:
        await cursor.execute(sql.SQL("DELETE FROM {} WHERE account_id = %s").format(place.of("tokens")), (account_id,))

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


def _tokens(recorded: Recorded, kind: str) -> list[TokenRow]:
    event: Any = recorded.event
    receipt: Receipt = event.receipt
    return [
        TokenRow(
            token_id=token_id(event.originator_id, event.originator_version, token.order),
            account_id=event.account_id,
            meter_id=receipt.meter_id,
            issued_at=receipt.happened_at,
            position=recorded.position,
            token_order=token.order,
            kind=token.kind,
            digits=token.digits,
            transaction_kind=kind,
            juice_number=receipt.juice_number,
            amount=receipt.amount,
            currency=receipt.currency,
            milliunits=receipt.milliunits,
            unit=receipt.unit,
        )
        for token in receipt.tokens
    ]


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
