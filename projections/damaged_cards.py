"""Which cards cannot their customers use, what does Juice say of them, and what was done? One row a request."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from domain import damaged_card_events as card
from projections.of_people import RowsOfPeople
from projections.projection import Column, Recorded, Table, when
from projections.view import KeyedView


class DamagedCardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One card; `standing` and what follows are what Juice said last, None before staff asked."""

    ticket_id: UUID
    account_id: UUID
    serial: str
    damage: str
    reported_at: datetime
    standing: str | None
    amount: int | None
    currency: str | None
    used_at: datetime | None
    used_meter: str | None
    looked_up_at: datetime | None
    looked_up_by: str | None
    outcome: str | None
    settled_at: datetime | None
    position: int


class DamagedCardsProjection(RowsOfPeople[DamagedCardRow]):
    """Keeps one row a request about a damaged card; of a forgotten person none."""

    name = "damaged_cards"
    row = DamagedCardRow
    tables = (
        Table(
            name="damaged_cards",
            meaning="Cards that their customers cannot use: what Juice says of each, and what was done.",
            key=("ticket_id",),
            indexes=(("account_id",),),
            columns=(
                Column("ticket_id", "uuid", "the request"),
                Column("account_id", "uuid", "the account whose request it is"),
                Column("serial", "text", "the serial number on the card", personal=True),
                Column("damage", "text", "code-gone, code-in-part, card-broken, serial-in-part or refused"),
                Column("reported_at", "timestamptz", "when the customer told of it"),
                Column("standing", "text", "at Juice: available, activated, used, void or unknown"),
                Column("amount", "bigint", "what it is worth, minor units"),
                Column("currency", "text", "ISO 4217"),
                Column("used_at", "timestamptz", "when it was used"),
                Column("used_meter", "text", "the number of the meter that it was used for", personal=True),
                Column("looked_up_at", "timestamptz", "when staff last asked Juice"),
                Column("looked_up_by", "text", "who asked"),
                Column("outcome", "text", "credit-ordered, replaced, already-used or not-honoured"),
                Column("settled_at", "timestamptz", "when that was decided"),
                Column("position", "bigint", "position of the last event in this row"),
            ),
        ),
    )

    @when(card.DamagedCardReported)
    def reported(self, row: DamagedCardRow | None, recorded: Recorded) -> DamagedCardRow:
        event: Any = recorded.event
        return DamagedCardRow(
            ticket_id=event.originator_id,
            account_id=event.account_id,
            serial=event.serial,
            damage=event.damage,
            reported_at=event.at,
            standing=None,
            amount=None,
            currency=None,
            used_at=None,
            used_meter=None,
            looked_up_at=None,
            looked_up_by=None,
            outcome=None,
            settled_at=None,
            position=recorded.position,
        )

    @when(card.DamagedCardLookedUp)
    def looked_up(self, row: DamagedCardRow | None, recorded: Recorded) -> DamagedCardRow | None:
        event: Any = recorded.event
        return row and msgspec.structs.replace(
            row,
            standing=event.standing,
            amount=event.amount,
            currency=event.currency,
            used_at=event.used_at,
            used_meter=event.used_meter,
            looked_up_at=event.at,
            looked_up_by=event.by,
            position=recorded.position,
        )

    @when(card.DamagedCardSettled)
    def settled(self, row: DamagedCardRow | None, recorded: Recorded) -> DamagedCardRow | None:
        event: Any = recorded.event
        return row and msgspec.structs.replace(row, outcome=event.outcome, settled_at=event.at, position=recorded.position)


class DamagedCardsView(KeyedView[DamagedCardRow]):
    """Reads what is known of a request's card."""

    projection = DamagedCardsProjection

    async def of(self, ticket_id: UUID) -> DamagedCardRow | None:
        """This will give the card; None where the request is about none, or its customer was forgotten."""
        return await self.one(ticket_id)
