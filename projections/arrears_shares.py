"""Which share of each purchase did customers choose for their debts, and what does Juice say? One row a debt."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from domain import arrears_share_events as share
from domain.arrears_share import ShareStage
from projections.of_people import RowsOfPeople
from projections.projection import Column, Recorded, Table, when
from projections.view import KeyedView


class ArrearsShareRow(msgspec.Struct, frozen=True, kw_only=True):
    """The last choice for one debt, in percent; `stage` as in the domain, `rule` where Juice is known to have refused."""

    share_id: UUID
    account_id: UUID
    debt_id: str
    description: str
    stage: str
    share: int
    former_share: int
    message_id: UUID
    chosen_at: datetime
    changed_at: datetime
    rule: str | None
    flag: str | None
    position: int

    @property
    def under_way(self) -> bool:
        """Whether Juice's word is still to come."""
        return self.stage in UNDER_WAY


class ArrearsSharesProjection(RowsOfPeople[ArrearsShareRow]):
    """Keeps one row a debt for which a share was ever chosen; of a forgotten person none."""

    name = "arrears_shares"
    row = ArrearsShareRow
    tables = (
        Table(
            name="arrears_shares",
            meaning="Shares of each purchase that customers chose for their debts, and Juice's word on them.",
            key=("share_id",),
            indexes=(("account_id",), ("stage", "changed_at")),
            columns=(
                Column("share_id", "uuid", "keyed id that follows from account and debt"),
                Column("account_id", "uuid", "the account"),
                Column("debt_id", "text", "Juice's id of the debt"),
                Column("description", "text", "what the debt is for"),
                Column("stage", "text", "chosen, sent, in-doubt, confirmed or refused"),
                Column("share", "bigint", "the percentage of each purchase that was chosen"),
                Column("former_share", "bigint", "the percentage until then"),
                Column("message_id", "uuid", "the id under which Juice was asked"),
                Column("chosen_at", "timestamptz", "when the customer chose it"),
                Column("changed_at", "timestamptz", "when the stage was reached"),
                Column("rule", "text", "why Juice did not take it"),
                Column("flag", "text", "why staff should look at it"),
                Column("position", "bigint", "position of the last event in this row"),
            ),
        ),
    )

    @when(share.ShareChosen)
    def chosen(self, row: ArrearsShareRow | None, recorded: Recorded) -> ArrearsShareRow:
        event: Any = recorded.event
        return ArrearsShareRow(
            share_id=event.originator_id,
            account_id=event.account_id,
            debt_id=event.debt_id,
            description=event.description,
            stage=ShareStage.CHOSEN,
            share=event.share,
            former_share=event.former_share,
            message_id=event.message_id,
            chosen_at=event.at,
            changed_at=event.at,
            rule=None,
            flag=None,
            position=recorded.position,
        )

    @when(share.ShareSent)
    def sent(self, row: ArrearsShareRow | None, recorded: Recorded) -> ArrearsShareRow | None:
        return _at(row, recorded, ShareStage.SENT)

    @when(share.ShareDoubted)
    def doubted(self, row: ArrearsShareRow | None, recorded: Recorded) -> ArrearsShareRow | None:
        return _at(row, recorded, ShareStage.IN_DOUBT)

    @when(share.ShareConfirmed)
    def confirmed(self, row: ArrearsShareRow | None, recorded: Recorded) -> ArrearsShareRow | None:
        return _at(row, recorded, ShareStage.CONFIRMED, flag=None)

    @when(share.ShareRefused)
    def refused(self, row: ArrearsShareRow | None, recorded: Recorded) -> ArrearsShareRow | None:
        event: Any = recorded.event
        return _at(row, recorded, ShareStage.REFUSED, rule=event.rule, flag=None)

    @when(share.ShareFlagged)
    def flagged(self, row: ArrearsShareRow | None, recorded: Recorded) -> ArrearsShareRow | None:
        event: Any = recorded.event
        return row and msgspec.structs.replace(row, flag=event.reason, position=recorded.position)


def _at(row: ArrearsShareRow | None, recorded: Recorded, stage: ShareStage, **changes: Any) -> ArrearsShareRow | None:
    # A person may be forgotten while their choice is under way: then there is no row, and none comes back.
    return row and msgspec.structs.replace(row, stage=stage, changed_at=recorded.event.at, position=recorded.position, **changes)


UNDER_WAY = (ShareStage.CHOSEN, ShareStage.SENT, ShareStage.IN_DOUBT)
"""Stages before the end."""


class ArrearsSharesView(KeyedView[ArrearsShareRow]):
    """Reads what customers chose."""

    projection = ArrearsSharesProjection

    async def of(self, share_id: UUID) -> ArrearsShareRow | None:
        """This will give the last choice; None where there never was one."""
        return await self.one(share_id)

    async def of_account(self, account_id: UUID) -> list[ArrearsShareRow]:
        """This will give an account's choices, the newest first."""
        return await self.some("WHERE account_id = %s ORDER BY chosen_at DESC, share_id", (account_id,))

    async def under_way(self, *, since: datetime, limit: int) -> list[ArrearsShareRow]:
        """This will give choices that have not ended: in doubt, or where they are since a moment or longer, the oldest first."""
        return await self.some(
            "WHERE stage = ANY(%s) AND (stage = %s OR changed_at <= %s) ORDER BY changed_at, share_id LIMIT %s",
            (list(UNDER_WAY), ShareStage.IN_DOUBT, since, limit),
        )
