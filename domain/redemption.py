"""A card redemption: a process from reservation to its one end. Its id follows from the card's serial, so a card has one.

Reserved → Sent → (InDoubt →) Redeemed or ProvenAbsent; ProvenAbsent frees the card to be tried again. Should Juice show later
that a copy got through against all proof, ProvenAbsent becomes Redeemed.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.aggregate import Refusal, evolves
from domain.copies import Copied
from domain.event import Context
from domain.redemption_events import (
    RedemptionDoubted,
    RedemptionFlagged,
    RedemptionFoundMade,
    RedemptionNeverLeft,
    RedemptionProvenAbsent,
    RedemptionReserved,
    RedemptionSent,
    RedemptionSentAgain,
    RedemptionSettled,
)
from domain.wallet import Receipt


class Stage(StrEnum):
    """How far a redemption is; three outcomes stay apart: redeemed, known not redeemed, unknown."""

    FREE = "free"
    RESERVED = "reserved"
    SENT = "sent"
    IN_DOUBT = "in-doubt"
    REDEEMED = "redeemed"
    PROVEN_ABSENT = "proven-absent"


class CardAlreadyRedeemed(Refusal):
    """The card was redeemed; a card credits once."""


class CardBeingRedeemed(Refusal):
    """A redemption of this card is under way."""


class RedemptionNotUnderWay(Refusal):
    """There is no redemption under way under this message id."""


class CardRedemption(Copied):
    """One card's way into one wallet."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.stage = Stage.FREE
        self.attempt = 0
        self.account_id: UUID | None = None
        self.wallet_id: UUID | None = None
        self.meter_id: UUID | None = None
        self.message_id: UUID | None = None
        self.secret_id: UUID | None = None
        self.amount = 0
        self.currency = ""
        self.juice_number: str | None = None
        self.rule: str | None = None
        self.doubted_at: datetime | None = None
        self.is_flagged = False

    @property
    def belongs_to(self) -> UUID | None:
        return self.account_id

    @property
    def under_way(self) -> bool:
        """Whether its end is still to come."""
        return self.stage in (Stage.RESERVED, Stage.SENT, Stage.IN_DOUBT)

    def reserve(
        self,
        context: Context,
        *,
        account_id: UUID,
        wallet_id: UUID,
        meter_id: UUID | None,
        message_id: UUID,
        secret_id: UUID,
        amount: int,
        currency: str,
    ) -> None:
        """This will reserve the card for one account, or refuse while another redemption holds or has used it."""
        if self.stage is Stage.REDEEMED:
            raise CardAlreadyRedeemed
        if self.under_way:
            raise CardBeingRedeemed
        self.record(
            RedemptionReserved,
            context,
            account_id=account_id,
            wallet_id=wallet_id,
            meter_id=meter_id,
            message_id=message_id,
            secret_id=secret_id,
            amount=amount,
            currency=currency,
            attempt=self.attempt + 1,
        )

    def send(self, context: Context, *, message_id: UUID) -> None:
        """This will record that Juice is about to be asked; only a reservation may be sent."""
        if self.stage is not Stage.RESERVED or message_id != self.message_id:
            raise RedemptionNotUnderWay
        self.record(RedemptionSent, context, message_id=message_id)

    def send_again(self, context: Context, *, message_id: UUID, copies: tuple[datetime, ...]) -> None:
        """This will record that the same message is about to be sent once more, since none of its `copies` arrived.

        Raises RedemptionNotUnderWay, also where another copy was sent since: nothing is known of that one.
        """
        self._check(message_id)
        if not self.is_all(copies):
            raise RedemptionNotUnderWay
        self.record(RedemptionSentAgain, context, message_id=message_id)

    def take_back(self, context: Context, *, message_id: UUID, sent_at: datetime) -> None:
        """This will record that the copy that was to be sent at that moment never left. Raises RedemptionNotUnderWay."""
        self._check(message_id)
        if sent_at not in self.copies:
            raise RedemptionNotUnderWay
        self.record(RedemptionNeverLeft, context, message_id=message_id, sent_at=sent_at, is_unsent=self.copies == (sent_at,))

    def doubt(self, context: Context, *, message_id: UUID, reason: str) -> None:
        """This will record that the reply was lost; said twice, it is recorded once."""
        self._check(message_id)
        if self.stage is Stage.RESERVED:
            raise RedemptionNotUnderWay  # nothing was sent, or what was to be never left
        if self.stage is not Stage.IN_DOUBT:
            self.record(RedemptionDoubted, context, message_id=message_id, reason=reason)

    def flag(self, context: Context, *, message_id: UUID) -> None:
        """This will have staff look at a doubt that lasts, once for each."""
        if self.stage is Stage.IN_DOUBT and message_id == self.message_id and not self.is_flagged:
            self.record(RedemptionFlagged, context, message_id=message_id, reason="doubt-lasts")

    def settle(self, context: Context, *, message_id: UUID, receipt: Receipt) -> bool:
        """This will end the redemption by Juice's receipt; False where it has ended so already."""
        if self.stage is Stage.REDEEMED and self.juice_number == receipt.juice_number:
            return False
        self._check(message_id)
        self.record(RedemptionSettled, context, message_id=message_id, receipt=receipt)
        return True

    def prove_absent(self, context: Context, *, message_id: UUID, rule: str, copies: tuple[datetime, ...] | None = None) -> None:
        """This will end the attempt, since Juice is known not to have redeemed the card. `copies` are those of which that is
        known, None for all. Raises RedemptionNotUnderWay, also where another copy was sent since.
        """
        self._check(message_id)
        if not self.is_all(copies):
            raise RedemptionNotUnderWay
        self.record(RedemptionProvenAbsent, context, message_id=message_id, rule=rule)

    def find_made(self, context: Context, *, message_id: UUID, receipt: Receipt) -> None:
        """This will correct what was proven absent, by the receipt that Juice has for it nevertheless."""
        if self.stage is not Stage.PROVEN_ABSENT or message_id != self.message_id:
            raise RedemptionNotUnderWay
        self.record(RedemptionFoundMade, context, message_id=message_id, receipt=receipt)

    def _check(self, message_id: UUID) -> None:
        if not self.under_way or message_id != self.message_id:
            raise RedemptionNotUnderWay

    @evolves(RedemptionReserved)
    def _evolve_reserved(self, event: RedemptionReserved) -> None:
        self.stage = Stage.RESERVED
        self.attempt = event.attempt
        self.account_id, self.wallet_id, self.meter_id = event.account_id, event.wallet_id, event.meter_id
        self.message_id, self.secret_id = event.message_id, event.secret_id
        self.amount, self.currency = event.amount, event.currency
        self.rule = self.doubted_at = None
        self.copies = ()
        self.is_flagged = False

    @evolves(RedemptionSent)
    def _evolve_sent(self, event: RedemptionSent) -> None:
        self.stage, self.copies = Stage.SENT, (event.at,)

    @evolves(RedemptionSentAgain)
    def _evolve_sent_again(self, event: RedemptionSentAgain) -> None:
        self.copies = (*self.copies, event.at)

    @evolves(RedemptionNeverLeft)
    def _evolve_never_left(self, event: RedemptionNeverLeft) -> None:
        self._evolve_taken_back(event.sent_at)
        if event.is_unsent:
            self.stage = Stage.RESERVED

    @evolves(RedemptionDoubted)
    def _evolve_doubted(self, event: RedemptionDoubted) -> None:
        self.stage, self.doubted_at = Stage.IN_DOUBT, event.at

    @evolves(RedemptionFlagged)
    def _evolve_flagged(self, event: RedemptionFlagged) -> None:
        self.is_flagged = True

    @evolves(RedemptionSettled, RedemptionFoundMade)
    def _evolve_settled(self, event: RedemptionSettled | RedemptionFoundMade) -> None:
        self.stage, self.juice_number, self.rule = Stage.REDEEMED, event.receipt.juice_number, None

    @evolves(RedemptionProvenAbsent)
    def _evolve_proven_absent(self, event: RedemptionProvenAbsent) -> None:
        self.stage, self.rule = Stage.PROVEN_ABSENT, event.rule
