"""What became of this purchase, and which ones should staff look at? One row a purchase by credit card."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from domain import purchase_events as process
from domain.event import Event
from domain.purchase import Stage
from domain.wallet import Receipt
from projections.keyed import KeyedProjection
from projections.projection import Column, Recorded, Table, when
from projections.view import KeyedView


class PurchaseRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One purchase; `stage` as in the domain, `receipt` once issued, `rule` why it was refused, abandoned or not collected.

    `flag` is why staff should look at it, None where nobody need.
    """

    purchase_id: UUID
    account_id: UUID
    meter_id: UUID
    stage: str
    amount: int
    currency: str
    message_id: UUID
    checkout_id: str | None
    payment_id: str | None
    requested_at: datetime
    pays_until: datetime
    authorised_until: datetime | None
    changed_at: datetime
    receipt: Receipt | None
    rule: str | None
    flag: str | None
    flagged_at: datetime | None
    position: int


class PurchasesProjection(KeyedProjection[PurchaseRow]):
    """Keeps one row a purchase."""

    name = "purchases"
    row = PurchaseRow
    tables = (
        Table(
            name="purchases",
            meaning="Purchases by credit card, from the wish to the one end.",
            key=("purchase_id",),
            indexes=(("account_id", "requested_at"), ("flagged_at",), ("stage", "changed_at")),
            columns=(
                Column("purchase_id", "uuid", "keyed id that follows from the message id"),
                Column("account_id", "uuid", "the account that buys"),
                Column("meter_id", "uuid", "the meter that is bought for"),
                Column(
                    "stage",
                    "text",
                    "requested, declined, abandoned, authorised, sent, in-doubt, issued, proven-absent, captured, released or"
                    " uncollected",
                ),
                Column("amount", "bigint", "what is paid, minor units"),
                Column("currency", "text", "ISO 4217"),
                Column("message_id", "uuid", "the id under which Juice is asked"),
                Column("checkout_id", "text", "the provider's number of the payment page"),
                Column("payment_id", "text", "the provider's number of the payment"),
                Column("requested_at", "timestamptz", "when it began"),
                Column("pays_until", "timestamptz", "until when the payment page is open"),
                Column("authorised_until", "timestamptz", "until when the money is held"),
                Column("changed_at", "timestamptz", "when the stage was reached"),
                Column("receipt", "jsonb", "Juice's receipt, with tokens"),
                Column("rule", "text", "why it was refused, abandoned or not collected"),
                Column("flag", "text", "why staff should look at it"),
                Column("flagged_at", "timestamptz", "since when staff should look at it"),
                Column("position", "bigint", "position of the last event in this row"),
            ),
        ),
    )

    def key(self, event: Event) -> UUID:
        return event.originator_id

    @when(process.PurchaseRequested)
    def requested(self, row: PurchaseRow | None, recorded: Recorded) -> PurchaseRow:
        event: Any = recorded.event
        return PurchaseRow(
            purchase_id=event.originator_id,
            account_id=event.account_id,
            meter_id=event.meter_id,
            stage=Stage.REQUESTED,
            amount=event.amount,
            currency=event.currency,
            message_id=event.message_id,
            checkout_id=None,
            payment_id=None,
            requested_at=event.at,
            pays_until=event.pays_until,
            authorised_until=None,
            changed_at=event.at,
            receipt=None,
            rule=None,
            flag=None,
            flagged_at=None,
            position=recorded.position,
        )

    @when(process.PurchaseCheckoutOpened)
    def checkout_opened(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        event: Any = recorded.event
        return msgspec.structs.replace(row, checkout_id=event.checkout_id, position=recorded.position)

    @when(process.PurchaseDeclined)
    def declined(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        return _at(row, recorded, Stage.DECLINED)

    @when(process.PurchaseAbandoned)
    def abandoned(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        event: Any = recorded.event
        return _ended(row, recorded, Stage.ABANDONED, rule=event.reason)

    @when(process.PurchaseAuthorised)
    def authorised(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        event: Any = recorded.event
        held = {"payment_id": event.payment_id, "authorised_until": event.authorised_until}
        return _at(row, recorded, Stage.AUTHORISED, **held)

    @when(process.PurchaseSent)
    def sent(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        return _at(row, recorded, Stage.SENT)

    @when(process.PurchaseNeverLeft)
    def never_left(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        event: Any = recorded.event
        return _at(row, recorded, Stage.AUTHORISED) if event.is_unsent else row

    @when(process.PurchaseDoubted)
    def doubted(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        return _at(row, recorded, Stage.IN_DOUBT)

    @when(process.PurchaseIssued, process.PurchaseFoundIssued)
    def issued(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        event: Any = recorded.event
        return _at(row, recorded, Stage.ISSUED, receipt=event.receipt, rule=None)

    @when(process.PurchaseProvenAbsent)
    def proven_absent(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        event: Any = recorded.event
        return _at(row, recorded, Stage.PROVEN_ABSENT, rule=event.rule)

    @when(process.PurchaseCaptured)
    def captured(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        if row.flag == "capture-differs":
            return _at(row, recorded, Stage.CAPTURED)
        return _ended(row, recorded, Stage.CAPTURED)

    @when(process.PurchaseReleased)
    def released(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        return _ended(row, recorded, Stage.RELEASED)

    @when(process.PurchaseUncollected)
    def uncollected(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        event: Any = recorded.event
        return _at(row, recorded, Stage.UNCOLLECTED, rule=event.rule, flag="uncollected", flagged_at=event.at)

    @when(process.PurchaseFlagged)
    def flagged(self, row: PurchaseRow, recorded: Recorded) -> PurchaseRow:
        event: Any = recorded.event
        # What is ambiguous stays in doubt for long, and may until the hold on the money ends: it says more than either.
        is_said = row.flag == "ambiguous" and event.reason in ("doubt-lasts", "authorisation-ends")
        reason = row.flag if is_said else event.reason
        return msgspec.structs.replace(row, flag=reason, flagged_at=event.at, position=recorded.position)


def _at(row: PurchaseRow, recorded: Recorded, stage: Stage, **changes: Any) -> PurchaseRow:
    return msgspec.structs.replace(row, stage=stage, changed_at=recorded.event.at, position=recorded.position, **changes)


def _ended(row: PurchaseRow, recorded: Recorded, stage: Stage, **changes: Any) -> PurchaseRow:
    """Whatever staff should have looked at has come to a good end."""
    return _at(row, recorded, stage, flag=None, flagged_at=None, **changes)


UNDER_WAY = [Stage.AUTHORISED, Stage.SENT, Stage.IN_DOUBT, Stage.ISSUED, Stage.PROVEN_ABSENT]
"""Stages between the payment and the end."""

AWAITED = [Stage.AUTHORISED, Stage.SENT, Stage.IN_DOUBT]
"""Stages at which a customer has paid, and does not know yet what for."""


class PurchasesView(KeyedView[PurchaseRow]):
    """Reads what became of purchases."""

    projection = PurchasesProjection

    async def of(self, purchase_id: UUID) -> PurchaseRow | None:
        """This will give the purchase; None where there never was one."""
        return await self.one(purchase_id)

    async def of_account(self, account_id: UUID, *, limit: int) -> list[PurchaseRow]:
        """This will give an account's purchases, the newest first."""
        return await self.some("WHERE account_id = %s ORDER BY requested_at DESC, purchase_id LIMIT %s", (account_id, limit))

    async def under_way(self, *, since: datetime, limit: int) -> list[PurchaseRow]:
        """This will give purchases that were paid for and have not ended: in doubt, flagged, or where they are since a moment
        or longer; the oldest first.
        """
        return await self.some(
            "WHERE stage = ANY(%s) AND (stage = %s OR flag IS NOT NULL OR changed_at <= %s)"
            " ORDER BY changed_at, purchase_id LIMIT %s",
            (UNDER_WAY, Stage.IN_DOUBT, since, limit),
        )

    async def by_hand(self, *, limit: int) -> list[PurchaseRow]:
        """This will give purchases that have ended, and whose money staff has to settle by hand, the newest first."""
        return await self.some(
            "WHERE flagged_at IS NOT NULL AND NOT stage = ANY(%s) ORDER BY flagged_at DESC, purchase_id LIMIT %s",
            (UNDER_WAY, limit),
        )
