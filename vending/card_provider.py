"""The port to the provider of credit-card payments: what Seed asks of it, what it answers, and how an answer can fail to come.

A person pays on the provider's own page; Seed learns what became of it, and never a card number. Three outcomes stay apart. The
provider did it: a reply. It is known not to have done it: ProviderRefused, or ProviderUnreachable where the question never left.
Nobody knows: ProviderSilent; looking the payment or the checkout up tells.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone."""


class ProviderRefused(Exception):
    """The provider answered that it will not, by one of its rules; nothing was done. The text holds nothing that was sent."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class AmountNotChargeable(ProviderRefused):
    """The provider takes no such amount in this currency: it has decimals that the provider does not know."""


class AmountTooSmall(ProviderRefused):
    """The amount is below what the provider takes at least."""


class AmountTooLarge(ProviderRefused):
    """The amount is above what the provider takes at most."""


class NoSuchCheckout(ProviderRefused):
    """The provider has no checkout with this id."""


class NoSuchPayment(ProviderRefused):
    """The provider has no payment with this id."""


class CheckoutNotOpen(ProviderRefused):
    """The checkout cannot be expired: it was completed or has expired. Looking it up tells which."""


class PaymentNotCapturable(ProviderRefused):
    """Nothing can be captured: the payment was released, its authorisation has expired, or there never was one."""


class CaptureDeclined(ProviderRefused):
    """The card's bank declined the capture; the payment was not captured."""


class PaymentNotReleasable(ProviderRefused):
    """The payment cannot be released: it was captured."""


class ProviderUnreachable(Exception):
    """The question never left, or was turned away at the door: nothing was done, and it may be asked again."""


class ProviderSilent(Exception):
    """No answer, or none that can be read: whether anything was done is unknown."""


class WebhookRefused(Exception):
    """What came is not a word of the provider: no signature of its secret, too old, from the future, or not to be read."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkout is opened for.

    `key` is made by us and stands in the log beforehand; asked again under the same key, with all else the same to the letter,
    the provider gives the same reply, however the checkout stands by then. It knows a key for 24 hours. `amount` is in minor
    units of `currency` (ISO 4217). `description` is shown to the payer and on the provider's records: nothing in it may say who
    somebody is. `{CHECKOUT_SESSION_ID}` in `success_url` is where the provider puts the checkout's id. `language` is a language
    tag such as `fr`; for one that the provider does not speak it goes by what the browser asks for. `expires_at` is 30 minutes
    to 24 hours away when the provider reads it: what is sent again later needs some minutes more.
    """

    key: UUID
    purchase_id: UUID
    amount: int
    currency: str
    description: str
    success_url: str
    cancel_url: str
    language: str
    expires_at: Moment


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown of the card that paid: its brand in the provider's spelling (visa), and its last four digits."""

    brand: str
    last4: str


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as it stands.

    `pending`: not authorised (yet). `authorised`: `amount` is held on the card, until `capture_before`; a bank may hold less
    than was asked for. `captured`: taken. `released`: nothing was or will be taken, because it was released, or because the
    authorisation has expired. Amounts are in minor units; `captured` is how much was taken, `refunded` how much of that was
    given back since, and `disputed` how much of it the customer's bank demands back or has taken back; a dispute that was
    won, or closed without a loss, counts no more. Looking the payment up, or listing it, tells both; where a checkout, a
    capture or a release tells of it they may be 0. `card` may be missing where the payment was captured or released before.
    `utility` and `purchase_id` are what the checkout was opened with, None where it was not opened by Seed.
    """

    id: str
    state: Literal["pending", "authorised", "captured", "released"]
    amount: int
    captured: int
    currency: str
    at: Moment
    capture_before: Moment | None
    card: Card | None
    utility: str | None
    purchase_id: UUID | None
    refunded: int = 0
    disputed: int = 0


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    """A checkout as it stands. `url` is the page to pay on, None once it is not `open` any more.

    `completed`: the payer is done with the page, and `payment` says what there is to capture. An open or expired checkout has a
    payment too where a card was declined.
    """

    id: str
    state: Literal["open", "completed", "expired"]
    url: str | None
    amount: int
    currency: str
    expires_at: Moment
    payment: Payment | None
    utility: str | None
    purchase_id: UUID | None


class ProviderEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened at the provider: a reason to look the checkout or payment up, not a substitute for that.

    Events come late, twice and in any order; the same event has the same `id`, by webhook and in the list.
    """

    id: str
    kind: Literal["checkout-completed", "checkout-expired", "authorised", "captured", "released", "declined", "other"]
    at: Moment
    checkout_id: str | None
    payment_id: str | None
    utility: str | None
    purchase_id: UUID | None


class PaymentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Payments, the newest first. `older` asks for the next page; None where there is none."""

    payments: tuple[Payment, ...]
    older: str | None


class ReturnPage(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of the payments of which money was given back or demanded back, the newest such occasion first; a payment is named
    once for each. `older` asks for the next page; None where there is none.
    """

    payment_ids: tuple[str, ...]
    older: str | None


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events, the newest first. `older` asks for the next page; None where there is none."""

    events: tuple[ProviderEvent, ...]
    older: str | None


class CardProvider(Protocol):
    """What Seed asks of one utility's provider of credit-card payments.

    Capturing, releasing and expiring need no key: done once, they are done, and asked again they say so.
    """

    @property
    def pages_origin(self) -> str:
        """The origin of the provider's pages, such as `https://checkout.stripe.com`: where a form of ours may lead to."""
        ...

    async def open_checkout(self, order: Order) -> Checkout:
        """This will open a page to pay on, which authorises the amount and does not take it.

        Raises AmountNotChargeable, AmountTooSmall, AmountTooLarge.
        """
        ...

    async def checkout(self, checkout_id: str) -> Checkout:
        """This will look a checkout up, with its payment. Raises NoSuchCheckout."""
        ...

    async def expire(self, checkout_id: str) -> Checkout:
        """This will close an open checkout: nobody can pay there any more. Raises NoSuchCheckout, CheckoutNotOpen."""
        ...

    async def payment(self, payment_id: str) -> Payment:
        """This will look a payment up. Raises NoSuchPayment."""
        ...

    async def capture(self, payment_id: str) -> Payment:
        """This will take the authorised amount, all of it; a captured payment stays as it is.

        Raises NoSuchPayment, PaymentNotCapturable, CaptureDeclined.
        """
        ...

    async def release(self, payment_id: str) -> Payment:
        """This will let the authorised amount go, so that nothing is taken; a released payment stays as it is.

        Raises NoSuchPayment, PaymentNotReleasable.
        """
        ...

    async def payments(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> PaymentPage:
        """This will list the payments that began at `since` or later and before `until`, up to 100 a page."""
        ...

    async def refunds(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> ReturnPage:
        """This will list whose money was refunded at `since` or later and before `until`, whenever it was taken.

        Up to 100 a page. What became of it by now (a refund may fail) is told by looking the payment up.
        """
        ...

    async def disputes(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> ReturnPage:
        """This will list whose money a bank demanded back at `since` or later and before `until`, whenever it was taken.

        Up to 100 a page. What became of it by now (a dispute may be won) is told by looking the payment up.
        """
        ...

    async def events(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> EventPage:
        """This will list what happened at `since` or later and before `until`, up to 100 a page; 30 days back at most."""
        ...

    def read_webhook(self, body: bytes, signature: str | None, now: datetime) -> ProviderEvent:
        """This will read what was posted to our webhook address: the body as it came, and the header `Stripe-Signature`.

        A signature holds for 5 minutes. Raises WebhookRefused.
        """
        ...
