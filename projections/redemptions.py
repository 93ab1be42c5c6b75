"""What became of this card? One row a redemption, from its reservation to its one end."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from domain import redemption_events as process
from domain.event import Event
from domain.redemption import Stage
from domain.wallet import Receipt
from projections.keyed import KeyedProjection
from projections.projection import Column, Recorded, Table, when
from projections.view import KeyedView


class RedemptionRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One redemption; `stage` as in the domain, `receipt` once redeemed, `rule` where Juice is known to have refused."""

    redemption_id: UUID
    account_id: UUID
    meter_id: UUID | None
    stage: str
    amount: int
    currency: str
    message_id: UUID
    attempt: int
    reserved_at: datetime
    changed_at: datetime
    receipt: Receipt | None
    rule: str | None
    flag: str | None
    position: int


class RedemptionsProjection(KeyedProjection[RedemptionRow]):
    """Keeps one row a card that was ever redeemed or tried."""

    name = "redemptions"
    row = RedemptionRow
    tables = (
        Table(
            name="redemptions",
            meaning="Card redemptions, from the reservation to the one end.",
            key=("redemption_id",),
            indexes=(("account_id", "reserved_at"), ("stage", "changed_at")),
            columns=(
                Column("redemption_id", "uuid", "keyed id that follows from the card's serial"),
                Column("account_id", "uuid", "the account that is credited"),
                Column("meter_id", "uuid", "the meter that is credited"),
                Column("stage", "text", "reserved, sent, in-doubt, redeemed or proven-absent"),
                Column("amount", "bigint", "the card's amount, minor units"),
                Column("currency", "text", "ISO 4217"),
                Column("message_id", "uuid", "the id under which Juice was asked"),
                Column("attempt", "bigint", "which attempt with this card"),
                Column("reserved_at", "timestamptz", "when it began"),
                Column("changed_at", "timestamptz", "when the stage was reached"),
                Column("receipt", "jsonb", "Juice's receipt, with tokens"),
                Column("rule", "text", "why Juice did not redeem"),
                Column("flag", "text", "why staff should look at it"),
                Column("position", "bigint", "position of the last event in this row"),
            ),
        ),
    )

    def key(self, event: Event) -> UUID:
        return event.originator_id

    @when(process.RedemptionReserved)
    def reserved(self, row: RedemptionRow | None, recorded: Recorded) -> RedemptionRow:
        event: Any = recorded.event
        return RedemptionRow(
            redemption_id=event.originator_id,
            account_id=event.account_id,
            meter_id=event.meter_id,
            stage=Stage.RESERVED,
            amount=event.amount,
            currency=event.currency,
            message_id=event.message_id,
            attempt=event.attempt,
            reserved_at=event.at,
            changed_at=event.at,
            receipt=None,
            rule=None,
            flag=None,
            position=recorded.position,
        )

    @when(process.RedemptionSent)
    def sent(self, row: RedemptionRow, recorded: Recorded) -> RedemptionRow:
        return _at(row, recorded, Stage.SENT)

    @when(process.RedemptionNeverLeft)
    def never_left(self, row: RedemptionRow, recorded: Recorded) -> RedemptionRow:
        event: Any = recorded.event
        return _at(row, recorded, Stage.RESERVED) if event.is_unsent else row

    @when(process.RedemptionDoubted)
    def doubted(self, row: RedemptionRow, recorded: Recorded) -> RedemptionRow:
        return _at(row, recorded, Stage.IN_DOUBT)

    @when(process.RedemptionSettled, process.RedemptionFoundMade)
    def settled(self, row: RedemptionRow, recorded: Recorded) -> RedemptionRow:
        event: Any = recorded.event
        return _at(row, recorded, Stage.REDEEMED, receipt=event.receipt, rule=None, flag=None)

    @when(process.RedemptionProvenAbsent)
    def proven_absent(self, row: RedemptionRow, recorded: Recorded) -> RedemptionRow:
        event: Any = recorded.event
        return _at(row, recorded, Stage.PROVEN_ABSENT, rule=event.rule, flag=None)

    @when(process.RedemptionFlagged)
    def flagged(self, row: RedemptionRow, recorded: Recorded) -> RedemptionRow:
        event: Any = recorded.event
        return msgspec.structs.replace(row, flag=event.reason, position=recorded.position)


def _at(row: RedemptionRow, recorded: Recorded, stage: Stage, **changes: Any) -> RedemptionRow:
    return msgspec.structs.replace(row, stage=stage, changed_at=recorded.event.at, position=recorded.position, **changes)


UNDER_WAY = [Stage.RESERVED, Stage.SENT, Stage.IN_DOUBT]
"""Stages before the end."""


class RedemptionsView(KeyedView[RedemptionRow]):
    """Reads what became of a card."""

    projection = RedemptionsProjection

    async def of(self, redemption_id: UUID) -> RedemptionRow | None:
        """This will give the redemption; None where there never was one."""
        return await self.one(redemption_id)

    async def of_account(self, account_id: UUID, *, limit: int) -> list[RedemptionRow]:
        """This will give an account's redemptions, the newest first."""
        return await self.some("WHERE account_id = %s ORDER BY reserved_at DESC, redemption_id LIMIT %s", (account_id, limit))

    async def under_way(self, *, since: datetime, limit: int) -> list[RedemptionRow]:
        """This will give redemptions that have not ended: in doubt, or where they are since a moment or longer.

        The oldest come first.
        """
        return await self.some(
            "WHERE stage = ANY(%s) AND (stage = %s OR changed_at <= %s) ORDER BY changed_at, redemption_id LIMIT %s",
            (UNDER_WAY, Stage.IN_DOUBT, since, limit),
        )
