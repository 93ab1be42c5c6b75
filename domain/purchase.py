"""A purchase by credit card: a process from the wish to its one end. Its id follows from the message id for Juice.

    Requested (⇄ Declined) → Authorised → Sent → (InDoubt →) Issued → Captured
                                                  (InDoubt →) ProvenAbsent → Released

Before anything is authorised it may be Abandoned. Money is captured only after Juice issued, and released only where Juice is
proven not to have; what is unknown stays unknown. Should Juice show later that it issued against all proof, ProvenAbsent becomes
Issued, or Uncollected where the money was released meanwhile.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from domain.aggregate import Refusal, evolves
from domain.copies import Copied
from domain.event import Context
from domain.purchase_events import (
    PurchaseAbandoned,
    PurchaseAuthorised,
    PurchaseCaptured,
    PurchaseCheckoutOpened,
    PurchaseDecided,
    PurchaseDeclined,
    PurchaseDoubted,
    PurchaseFlagged,
    PurchaseFoundIssued,
    PurchaseIssued,
    PurchaseNeverLeft,
    PurchaseNoticed,
    PurchaseProvenAbsent,
    PurchaseReleased,
    PurchaseRequested,
    PurchaseSent,
    PurchaseSentAgain,
    PurchaseUncollected,
)
from domain.wallet import Receipt

Abandoned = Literal["cancelled", "expired", "unopened", "released"]
Flag = Literal["doubt-lasts", "authorisation-ends", "capture-declined", "captured-elsewhere", "capture-differs", "ambiguous"]

TENDER = "Cash-CC"
"""The type that Juice gives what is sold for a credit card through Seed."""

DECLINED = "declined"
"""The kind of notice that says that a card was declined."""

AMBIGUOUS: Flag = "ambiguous"
"""The flag of a purchase of which Juice's transactions do not say what became of it."""

NONE_AFTER = timedelta(minutes=15)
"""So long after a message was sent to Juice no copy of it can arrive any more: before that nobody says that none did."""

LAST_HOURS = timedelta(hours=2)
"""So long before an authorisation ends nothing new is sent to Juice: what it issues could no longer be captured in peace."""


class Stage(StrEnum):
    """How far a purchase is; three outcomes stay apart: issued, known not issued, unknown."""

    NEW = "new"
    REQUESTED = "requested"
    DECLINED = "declined"
    ABANDONED = "abandoned"
    AUTHORISED = "authorised"
    SENT = "sent"
    IN_DOUBT = "in-doubt"
    ISSUED = "issued"
    PROVEN_ABSENT = "proven-absent"
    CAPTURED = "captured"
    RELEASED = "released"
    UNCOLLECTED = "uncollected"


OPEN = (Stage.REQUESTED, Stage.DECLINED)
"""Nothing is authorised yet."""

WITH_JUICE = (Stage.SENT, Stage.IN_DOUBT)
"""Juice may have been asked."""

ENDED = (Stage.ABANDONED, Stage.CAPTURED, Stage.RELEASED, Stage.UNCOLLECTED)


class PurchaseNotOpen(Refusal):
    """The purchase is no longer at the payment page: it was paid, or has ended."""


class PurchaseNotUnderWay(Refusal):
    """The purchase is at another stage than this asks for."""


class AuthorisationDiffers(Refusal):
    """What was authorised is not what the purchase is for: nothing is sent."""


class AuthorisationEnds(Refusal):
    """The authorisation ends too soon, or has ended: nothing new is sent."""


class NothingToDecide(Refusal):
    """The purchase is not ambiguous, or no longer: Seed finds out by itself what became of it."""


class TooEarlyToSay(Refusal):
    """The message may still arrive at Juice: nobody can know yet that it did not."""


class ReasonMissing(Refusal):
    """What staff decides about money needs a reason."""


class Purchase(Copied):
    """One customer's way from money to power."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.stage = Stage.NEW
        self.account_id: UUID | None = None
        self.wallet_id: UUID | None = None
        self.meter_id: UUID | None = None
        self.message_id: UUID | None = None
        self.checkout_key: UUID | None = None
        self.amount = 0
        self.currency = ""
        self.requested_at: datetime | None = None
        self.checkout_id: str | None = None
        self.language = ""
        self.pays_until: datetime | None = None
        self.notices: set[str] = set()
        self.payment_id: str | None = None
        self.authorised: tuple[int, str] = (0, "")
        self.authorised_until: datetime | None = None
        self.doubted_at: datetime | None = None
        self.juice_number: str | None = None
        self.rule: str | None = None
        self.flags: set[str] = set()

    @property
    def belongs_to(self) -> UUID | None:
        return self.account_id

    @property
    def has_ended(self) -> bool:
        """Whether nothing is left to do."""
        return self.stage in ENDED

    @property
    def is_open(self) -> bool:
        """Whether the customer may still pay, or leave."""
        return self.stage in OPEN

    # At the payment page

    def request(
        self,
        context: Context,
        *,
        account_id: UUID,
        wallet_id: UUID,
        meter_id: UUID,
        message_id: UUID,
        checkout_key: UUID,
        amount: int,
        currency: str,
        language: str,
        pays_until: datetime,
    ) -> None:
        """This will record the wish, with the id and the key under which Juice and the provider will be asked."""
        if self.stage is not Stage.NEW:
            raise PurchaseNotUnderWay
        self.record(
            PurchaseRequested,
            context,
            account_id=account_id,
            wallet_id=wallet_id,
            meter_id=meter_id,
            message_id=message_id,
            checkout_key=checkout_key,
            amount=amount,
            currency=currency,
            language=language,
            pays_until=pays_until,
        )

    def open_checkout(self, context: Context, *, checkout_id: str) -> None:
        """This will record the payment page; opened twice, it is the same one. Raises PurchaseNotOpen."""
        if not self.is_open or self.checkout_id not in (None, checkout_id):
            raise PurchaseNotOpen
        if self.checkout_id is None:
            self.record(PurchaseCheckoutOpened, context, checkout_id=checkout_id)

    def notice(self, context: Context, *, notice_id: str, kind: str) -> None:
        """This will record that word came from the provider, once for each word, in whatever order and however late.

        Only the word that a card was declined says something by itself, while another one may still be tried.
        """
        if not self.exists or notice_id in self.notices:
            return
        if kind == DECLINED and self.is_open:
            self.record(PurchaseDeclined, context, notice_id=notice_id)
        else:
            self.record(PurchaseNoticed, context, notice_id=notice_id, kind=kind)

    def abandon(self, context: Context, *, reason: Abandoned) -> None:
        """This will end a purchase for which nothing was authorised, and for which nothing can be any more.

        Raises PurchaseNotOpen.
        """
        if self.stage is Stage.ABANDONED:
            return
        if not self.is_open:
            raise PurchaseNotOpen
        self.record(PurchaseAbandoned, context, reason=reason)

    def authorise(
        self, context: Context, *, payment_id: str, amount: int, currency: str, authorised_until: datetime, card: str | None
    ) -> None:
        """This will record what the provider says was authorised; said twice, it is recorded once. Raises PurchaseNotOpen."""
        if payment_id == self.payment_id:
            return
        if not self.is_open:
            raise PurchaseNotOpen
        self.record(
            PurchaseAuthorised,
            context,
            payment_id=payment_id,
            amount=amount,
            currency=currency,
            authorised_until=authorised_until,
            card=card,
        )

    # At Juice

    def may_be_sent(self, at: datetime) -> bool:
        """Whether what Juice issues could still be captured: the authorisation is for this very purchase, and lasts."""
        return self._suits() and self._lasts(at)

    def send(self, context: Context) -> None:
        """This will record that Juice is about to be asked; only once, and only where it was authorised to the cent.

        Raises PurchaseNotUnderWay, AuthorisationDiffers, AuthorisationEnds.
        """
        if self.stage is not Stage.AUTHORISED:
            raise PurchaseNotUnderWay
        self._check_authorisation(context.at)
        self.record(PurchaseSent, context, message_id=self.message_id)

    def send_again(self, context: Context, *, copies: tuple[datetime, ...]) -> None:
        """This will record that the same message is about to be sent once more, since none of its `copies` arrived.

        Raises what `send` raises, also where another copy was sent since: nothing is known of that one.
        """
        self._check_stage(*WITH_JUICE)
        if not self.is_all(copies):
            raise PurchaseNotUnderWay
        self._check_authorisation(context.at)
        self.record(PurchaseSentAgain, context, message_id=self.message_id)

    def take_back(self, context: Context, *, sent_at: datetime) -> None:
        """This will record that the copy that was to be sent at that moment never left. Raises PurchaseNotUnderWay."""
        self._check_stage(*WITH_JUICE)
        if sent_at not in self.copies:
            raise PurchaseNotUnderWay
        self.record(PurchaseNeverLeft, context, message_id=self.message_id, sent_at=sent_at, is_unsent=self.copies == (sent_at,))

    def doubt(self, context: Context, *, reason: str) -> None:
        """This will record that the reply was lost; said twice, it is recorded once."""
        self._check_stage(*WITH_JUICE)
        if self.stage is not Stage.IN_DOUBT:
            self.record(PurchaseDoubted, context, message_id=self.message_id, reason=reason)

    def issue(self, context: Context, *, receipt: Receipt) -> bool:
        """This will record Juice's receipt; False where it is recorded already."""
        if self.juice_number == receipt.juice_number:
            return False
        self._check_stage(*WITH_JUICE)
        self.record(PurchaseIssued, context, message_id=self.message_id, receipt=receipt)
        return True

    def prove_absent(self, context: Context, *, rule: str, copies: tuple[datetime, ...] | None = None) -> None:
        """This will record that Juice is known not to have issued. `copies` are those of which that is known, None for all.

        Raises PurchaseNotUnderWay, also where another copy was sent since.
        """
        self._check_stage(Stage.AUTHORISED, *WITH_JUICE)
        if not self.is_all(copies):
            raise PurchaseNotUnderWay
        self.record(PurchaseProvenAbsent, context, message_id=self.message_id, rule=rule)

    def find_issued(self, context: Context, *, receipt: Receipt) -> None:
        """This will correct what was proven absent, by the receipt that Juice has for it nevertheless."""
        self._check_stage(Stage.PROVEN_ABSENT, Stage.RELEASED)
        released = self.stage is Stage.RELEASED
        self.record(PurchaseFoundIssued, context, message_id=self.message_id, receipt=receipt)
        if released:
            self.record(PurchaseUncollected, context, rule="ReleasedBefore")

    def decide(self, context: Context, *, receipt: Receipt | None, reason: str) -> None:
        """This will record what staff found out of an ambiguous purchase, and why: its receipt, or None where Juice made none.

        Raises ReasonMissing, NothingToDecide, TooEarlyToSay.
        """
        if not reason.strip():
            raise ReasonMissing
        if self.stage is not Stage.IN_DOUBT or AMBIGUOUS not in self.flags:
            raise NothingToDecide
        if receipt is None and (self.sent_at is None or context.at < self.sent_at + NONE_AFTER):
            raise TooEarlyToSay
        number = receipt.juice_number if receipt is not None else None
        self.record(PurchaseDecided, context, juice_number=number, reason=reason.strip())
        if receipt is None:
            self.prove_absent(context, rule=PurchaseDecided.__name__)
        else:
            self.issue(context, receipt=receipt)

    # At the provider again

    def capture(self, context: Context) -> None:
        """This will record that the card was charged; only after Juice issued. Said twice, it is recorded once."""
        if self.stage is not Stage.CAPTURED:
            self._check_stage(Stage.ISSUED)
            self.record(PurchaseCaptured, context, payment_id=self.payment_id)

    def release(self, context: Context) -> None:
        """This will record that the money is held no more; only after Juice is proven not to have issued."""
        if self.stage is not Stage.RELEASED:
            self._check_stage(Stage.PROVEN_ABSENT)
            self.record(PurchaseReleased, context, payment_id=self.payment_id)

    def leave_uncollected(self, context: Context, *, rule: str) -> None:
        """This will record that what was issued cannot be charged any more."""
        self._check_stage(Stage.ISSUED)
        self.record(PurchaseUncollected, context, rule=rule)

    def flag(self, context: Context, *, reason: Flag) -> None:
        """This will have staff look at it, once for each reason; nothing is guessed meanwhile."""
        if not self.has_ended and reason not in self.flags:
            self.record(PurchaseFlagged, context, reason=reason)

    def _suits(self) -> bool:
        return self.authorised == (self.amount, self.currency)

    def _lasts(self, at: datetime) -> bool:
        return self.authorised_until is not None and at < self.authorised_until - LAST_HOURS

    def _check_authorisation(self, at: datetime) -> None:
        if not self._suits():
            raise AuthorisationDiffers
        if not self._lasts(at):
            raise AuthorisationEnds

    def _check_stage(self, *stages: Stage) -> None:
        if self.stage not in stages:
            raise PurchaseNotUnderWay

    @evolves(PurchaseRequested)
    def _evolve_requested(self, event: PurchaseRequested) -> None:
        self.stage = Stage.REQUESTED
        self.account_id, self.wallet_id, self.meter_id = event.account_id, event.wallet_id, event.meter_id
        self.message_id, self.checkout_key = event.message_id, event.checkout_key
        self.amount, self.currency, self.requested_at = event.amount, event.currency, event.at
        self.language, self.pays_until = event.language, event.pays_until

    @evolves(PurchaseCheckoutOpened)
    def _evolve_checkout_opened(self, event: PurchaseCheckoutOpened) -> None:
        self.checkout_id = event.checkout_id

    @evolves(PurchaseNoticed)
    def _evolve_noticed(self, event: PurchaseNoticed) -> None:
        self.notices.add(event.notice_id)

    @evolves(PurchaseDeclined)
    def _evolve_declined(self, event: PurchaseDeclined) -> None:
        self.stage = Stage.DECLINED
        self.notices.add(event.notice_id)

    @evolves(PurchaseAbandoned)
    def _evolve_abandoned(self, event: PurchaseAbandoned) -> None:
        self.stage, self.rule = Stage.ABANDONED, event.reason

    @evolves(PurchaseAuthorised)
    def _evolve_authorised(self, event: PurchaseAuthorised) -> None:
        self.stage, self.payment_id, self.rule = Stage.AUTHORISED, event.payment_id, None
        self.authorised, self.authorised_until = (event.amount, event.currency), event.authorised_until

    @evolves(PurchaseSent)
    def _evolve_sent(self, event: PurchaseSent) -> None:
        self.stage, self.copies = Stage.SENT, (event.at,)

    @evolves(PurchaseSentAgain)
    def _evolve_sent_again(self, event: PurchaseSentAgain) -> None:
        self.copies = (*self.copies, event.at)

    @evolves(PurchaseNeverLeft)
    def _evolve_never_left(self, event: PurchaseNeverLeft) -> None:
        self._evolve_taken_back(event.sent_at)
        if event.is_unsent:
            self.stage = Stage.AUTHORISED

    @evolves(PurchaseDoubted)
    def _evolve_doubted(self, event: PurchaseDoubted) -> None:
        self.stage, self.doubted_at = Stage.IN_DOUBT, event.at

    @evolves(PurchaseIssued, PurchaseFoundIssued)
    def _evolve_issued(self, event: PurchaseIssued | PurchaseFoundIssued) -> None:
        self.stage, self.juice_number, self.rule = Stage.ISSUED, event.receipt.juice_number, None

    @evolves(PurchaseProvenAbsent)
    def _evolve_proven_absent(self, event: PurchaseProvenAbsent) -> None:
        self.stage, self.rule = Stage.PROVEN_ABSENT, event.rule

    @evolves(PurchaseDecided)
    def _evolve_decided(self, event: PurchaseDecided) -> None:
        """What follows from it is recorded with it."""

    @evolves(PurchaseCaptured)
    def _evolve_captured(self, event: PurchaseCaptured) -> None:
        self.stage = Stage.CAPTURED

    @evolves(PurchaseReleased)
    def _evolve_released(self, event: PurchaseReleased) -> None:
        self.stage = Stage.RELEASED

    @evolves(PurchaseUncollected)
    def _evolve_uncollected(self, event: PurchaseUncollected) -> None:
        self.stage, self.rule = Stage.UNCOLLECTED, event.rule

    @evolves(PurchaseFlagged)
    def _evolve_flagged(self, event: PurchaseFlagged) -> None:
        self.flags.add(event.reason)
