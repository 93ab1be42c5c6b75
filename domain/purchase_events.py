"""What happens to a purchase by credit card."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.event import Event
from domain.wallet import Receipt


class PurchaseRequested(Event, frozen=True, kw_only=True):
    """A customer wants to buy power for a meter and to pay by credit card. Nothing was sent to anybody yet.

    `message_id` is the id under which Juice will be asked, and asked again; the meter's number is the account's to tell.
    `checkout_key` is the idempotency key under which the provider will be asked for a payment page in `language`, open until
    `pays_until`; capturing and releasing need none.
    """

    TOPIC = "purchase-requested"

    wallet_id: UUID
    meter_id: UUID
    message_id: UUID
    checkout_key: UUID
    amount: int
    currency: str
    language: str
    pays_until: datetime


class PurchaseCheckoutOpened(Event, frozen=True, kw_only=True):
    """The provider's payment page is open, under the provider's own number of it."""

    TOPIC = "purchase-checkout-opened"

    checkout_id: str


class PurchaseNoticed(Event, frozen=True, kw_only=True):
    """Word came that something happened at the provider: it is to be asked. A notice decides nothing by itself.

    `notice_id` is the provider's id of the word, or `customer-returned`.
    """

    TOPIC = "purchase-noticed"

    notice_id: str
    kind: str


class PurchaseDeclined(Event, frozen=True, kw_only=True):
    """A card was declined and nothing was charged; the payment page is still open for another one. `notice_id` as above."""

    TOPIC = "purchase-declined"

    notice_id: str


class PurchaseAbandoned(Event, frozen=True, kw_only=True):
    """The payment page was closed before any money was authorised, for good: nothing was charged and nothing can be.

    `reason`: the customer cancelled, the page expired, it was never opened, or the bank let the money go at once.
    """

    TOPIC = "purchase-abandoned"

    reason: Literal["cancelled", "expired", "unopened", "released"]


class PurchaseAuthorised(Event, frozen=True, kw_only=True):
    """The card's bank holds the money for us until `authorised_until`; nothing is charged.

    Amount and currency are what the provider says was authorised. `card` is its brand and last four digits: they say
    something of a person, and are sealed.
    """

    TOPIC = "purchase-authorised"
    PERSONAL = ("card",)

    payment_id: str
    amount: int
    currency: str
    authorised_until: datetime
    card: str | None


class PurchaseSent(Event, frozen=True, kw_only=True):
    """From here on Juice may have been asked: only advice tells."""

    TOPIC = "purchase-sent"

    message_id: UUID


class PurchaseSentAgain(Event, frozen=True, kw_only=True):
    """Juice said that it knows no such message, and is about to be sent it once more."""

    TOPIC = "purchase-sent-again"

    message_id: UUID


class PurchaseNeverLeft(Event, frozen=True, kw_only=True):
    """No connection to Juice came about, so that the copy that was to be sent at `sent_at` never left: it counts no more.

    `is_unsent`: it was the only one. Nothing was sent, and the purchase is where it was before.
    """

    TOPIC = "purchase-never-left"

    message_id: UUID
    sent_at: datetime
    is_unsent: bool


class PurchaseDoubted(Event, frozen=True, kw_only=True):
    """Juice's reply was lost: the outcome is unknown until advice tells."""

    TOPIC = "purchase-doubted"

    message_id: UUID
    reason: str


class PurchaseIssued(Event, frozen=True, kw_only=True):
    """Juice issued, and this is its receipt; the money may be captured."""

    TOPIC = "purchase-issued"

    message_id: UUID
    receipt: Receipt


class PurchaseProvenAbsent(Event, frozen=True, kw_only=True):
    """It is known that Juice issued nothing; `rule` is the reason. The money is to be released."""

    TOPIC = "purchase-proven-absent"

    message_id: UUID
    rule: str


class PurchaseFoundIssued(Event, frozen=True, kw_only=True):
    """Juice issued, although that had been proven absent: a copy of the message arrived later than any could be expected.

    Corrects the PurchaseProvenAbsent of the same `message_id`.
    """

    TOPIC = "purchase-found-issued"

    message_id: UUID
    receipt: Receipt


class PurchaseCaptured(Event, frozen=True, kw_only=True):
    """The card was charged, once, for what was issued."""

    TOPIC = "purchase-captured"

    payment_id: str


class PurchaseReleased(Event, frozen=True, kw_only=True):
    """The bank no longer holds the money: nothing was charged, and nothing can be any more."""

    TOPIC = "purchase-released"

    payment_id: str


class PurchaseUncollected(Event, frozen=True, kw_only=True):
    """Juice issued and the money cannot be captured any more: `rule` says why. What becomes of it is for staff to decide."""

    TOPIC = "purchase-uncollected"

    rule: str


class PurchaseDecided(Event, frozen=True, kw_only=True):
    """Staff found out at Juice what became of a purchase that was ambiguous: it is this transaction, or none (None).

    `reason` is what staff wrote down about it: it may say something of a person, and is sealed.
    """

    TOPIC = "purchase-decided"
    PERSONAL = ("reason",)

    juice_number: str | None
    reason: str


class PurchaseFlagged(Event, frozen=True, kw_only=True):
    """Somebody of the staff should look at it; nothing is guessed meanwhile.

    `reason`: `doubt-lasts`, `authorisation-ends` (soon, and there is no outcome), `capture-declined` (by the bank, after Juice
    issued), `captured-elsewhere` (it was to be released), `capture-differs` (another sum was taken), `ambiguous` (Juice stores no
    replies, and which of its transactions is this one's, if any, cannot be told).
    """

    TOPIC = "purchase-flagged"

    reason: Literal["doubt-lasts", "authorisation-ends", "capture-declined", "captured-elsewhere", "capture-differs", "ambiguous"]
