"""Stripe as the provider of credit-card payments: hosted Checkout with manual capture. docs/cards.md has the wire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx
import stripe
from msgspec.structs import replace

from vending.card_provider import (
    AmountTooLarge,
    AmountTooSmall,
    CaptureDeclined,
    Checkout,
    CheckoutNotOpen,
    EventPage,
    NoSuchCheckout,
    NoSuchPayment,
    Order,
    Payment,
    PaymentNotCapturable,
    PaymentNotReleasable,
    PaymentPage,
    ProviderEvent,
    ProviderRefused,
    ProviderSilent,
    ReturnPage,
)
from vending.stripe_exchange import Exchange, Refusal
from vending.stripe_objects import (
    EVENT_KINDS,
    DisputesTold,
    EventsTold,
    IntentsTold,
    IntentTold,
    ReturnsTold,
    SessionTold,
    charge_of,
    checkout_of,
    disputed_of,
    event_of,
    payment_ids,
    payment_of,
    read,
)
from vending.stripe_requests import session, window
from vending.stripe_webhook import read_webhook

T = TypeVar("T")

TIMEOUT: Final = 15.0
"""Seconds for a whole exchange; after that nobody knows what Stripe did."""

OWN_PAGES: Final = "https://checkout.stripe.com"
AMOUNTS: Final[dict[str, type[ProviderRefused]]] = {"amount_too_small": AmountTooSmall, "amount_too_large": AmountTooLarge}
MISSING: Final = "resource_missing"
UNEXPECTED_STATE: Final = "payment_intent_unexpected_state"
NOTHING_HELD: Final = ("requires_payment_method", "requires_confirmation", "requires_action", "canceled")
EXPIRED: Final = ("charge_expired_for_capture", "capture_charge_authorization_expired")
"""Stripe's rules for an authorisation that has run out."""


class StripeCards:
    """One utility's account at Stripe, or at whoever answers like Stripe at `url`.

    `client` may be shared between utilities; without one, StripeCards makes and closes its own.
    """

    def __init__(
        self,
        utility: str,
        key: str,
        webhook_secret: str,
        *,
        url: str | None = None,
        client: httpx.AsyncClient | None = None,
        timeout_s: float = TIMEOUT,
    ) -> None:
        self._utility = utility
        self._webhook_secret = webhook_secret
        self._own = httpx.AsyncClient() if client is None else None
        exchange = Exchange(client or self._own or httpx.AsyncClient(), timeout_s)
        base = (url or stripe.DEFAULT_API_BASE).rstrip("/")
        asked = stripe.StripeClient(key, http_client=exchange, base_addresses={"api": base}, max_network_retries=0)
        self._sessions = asked.v1.checkout.sessions
        self._intents = asked.v1.payment_intents
        self._events = asked.v1.events
        self._refunds = asked.v1.refunds
        self._disputes = asked.v1.disputes
        parts = urlsplit(base)
        self._pages = OWN_PAGES if base == stripe.DEFAULT_API_BASE else f"{parts.scheme}://{parts.netloc}"

    @property
    def pages_origin(self) -> str:
        """The origin of the provider's pages."""
        return self._pages

    async def aclose(self) -> None:
        """This will close the connections that are our own."""
        if self._own is not None:
            await self._own.aclose()

    async def open_checkout(self, order: Order) -> Checkout:
        """This will open a page to pay on. Raises AmountNotChargeable, AmountTooSmall, AmountTooLarge."""
        try:
            told = await _told(
                self._sessions.create_async(session(order, self._utility), {"idempotency_key": str(order.key)}), SessionTold
            )
        except Refusal as refusal:
            raise AMOUNTS.get(refusal.rule, ProviderRefused)(refusal.rule) from None
        opened = checkout_of(told)
        if (opened.purchase_id, opened.amount, opened.currency) != (order.purchase_id, order.amount, order.currency):
            raise ProviderSilent("Stripe answered for another checkout")
        if opened.url is None:
            raise ProviderSilent("Stripe's reply cannot be read: the checkout has no page")
        return opened

    async def checkout(self, checkout_id: str) -> Checkout:
        """This will look a checkout up, with its payment. Raises NoSuchCheckout."""
        try:
            told = await _told(
                self._sessions.retrieve_async(checkout_id, {"expand": ["payment_intent.latest_charge"]}), SessionTold
            )
        except Refusal as refusal:
            raise (NoSuchCheckout if refusal.rule == MISSING else ProviderRefused)(refusal.rule) from None
        return self._this(checkout_of(told), checkout_id)

    async def expire(self, checkout_id: str) -> Checkout:
        """This will close an open checkout. Raises NoSuchCheckout, CheckoutNotOpen."""
        try:
            told = await _told(
                self._sessions.expire_async(checkout_id, {"expand": ["payment_intent.latest_charge"]}), SessionTold
            )
        except Refusal as refusal:
            raise (NoSuchCheckout if refusal.rule == MISSING else CheckoutNotOpen)(refusal.rule) from None
        expired = self._this(checkout_of(told), checkout_id)
        if expired.state != "expired":
            raise ProviderSilent("Stripe's reply cannot be read: the checkout has not expired")
        return expired

    async def payment(self, payment_id: str) -> Payment:
        """This will look a payment up. Raises NoSuchPayment."""
        try:
            told = await _told(self._intents.retrieve_async(payment_id, {"expand": ["latest_charge"]}), IntentTold)
        except Refusal as refusal:
            raise (NoSuchPayment if refusal.rule == MISSING else ProviderRefused)(refusal.rule) from None
        return self._this(await self._with_returns(told), payment_id)

    async def capture(self, payment_id: str) -> Payment:
        """This will take the authorised amount. Raises NoSuchPayment, PaymentNotCapturable, CaptureDeclined."""
        try:
            told = await _told(self._intents.capture_async(payment_id, {"expand": ["latest_charge"]}), IntentTold)
        except Refusal as refusal:
            standing = _standing(refusal, payment_id)
            if standing is None or standing.status != "succeeded":
                raise _not_captured(refusal, standing) from None
            told = standing  # it was refused only because it is done already
        captured = self._this(payment_of(told), payment_id)
        if captured.state != "captured":
            raise ProviderSilent("Stripe's reply cannot be read: the payment was not captured")
        return captured

    async def release(self, payment_id: str) -> Payment:
        """This will let the authorised amount go. Raises NoSuchPayment, PaymentNotReleasable."""
        try:
            told = await _told(self._intents.cancel_async(payment_id, {"expand": ["latest_charge"]}), IntentTold)
        except Refusal as refusal:
            standing = _standing(refusal, payment_id)
            if standing is None or standing.status != "canceled":
                raise _not_released(refusal, standing) from None
            told = standing  # it was refused only because it is done already
        released = self._this(payment_of(told), payment_id)
        if released.state != "released":
            raise ProviderSilent("Stripe's reply cannot be read: the payment was not released")
        return released

    async def payments(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> PaymentPage:
        """This will list the payments that began in a time."""
        query: Any = window(since, until, older, limit) | {"expand": ["data.latest_charge"]}
        told = await self._listed(self._intents.list_async(query), IntentsTold)
        return PaymentPage(
            payments=tuple([await self._with_returns(each) for each in told.data]),
            older=told.data[-1].id if told.data and told.has_more else None,
        )

    async def refunds(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> ReturnPage:
        """This will list whose money was refunded in a time."""
        return await self._returns(self._refunds.list_async, window(since, until, older, limit))

    async def disputes(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> ReturnPage:
        """This will list whose money a bank demanded back in a time."""
        return await self._returns(self._disputes.list_async, window(since, until, older, limit))

    async def events(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> EventPage:
        """This will list what happened in a time."""
        query: Any = window(since, until, older, limit) | {"types": list(EVENT_KINDS)}
        told = await self._listed(self._events.list_async(query), EventsTold)
        return EventPage(
            events=tuple(event_of(each) for each in told.data), older=told.data[-1].id if told.data and told.has_more else None
        )

    def read_webhook(self, body: bytes, signature: str | None, now: datetime) -> ProviderEvent:
        """This will read what was posted to our webhook address. Raises WebhookRefused."""
        return read_webhook(body, signature, now, self._webhook_secret)

    async def _with_returns(self, told: IntentTold) -> Payment:
        """The payment with what was refunded, which its charge says, and what is disputed, which only the disputes say."""
        payment, charge = payment_of(told), charge_of(told)
        if charge is None or not charge.disputed:
            return payment
        query: Any = {"payment_intent": told.id, "limit": 100}
        disputes = await self._listed(self._disputes.list_async(query), DisputesTold)
        return replace(payment, disputed=disputed_of(payment, disputes))

    async def _returns(self, ask: Callable[..., Awaitable[Any]], query: Any) -> ReturnPage:
        told = await self._listed(ask(query), ReturnsTold)
        return ReturnPage(payment_ids=payment_ids(told), older=told.data[-1].id if told.data and told.has_more else None)

    async def _listed(self, question: Awaitable[Any], kind: type[T]) -> T:
        try:
            return await _told(question, kind)
        except Refusal as refusal:
            raise ProviderRefused(refusal.rule) from None

    @staticmethod
    def _this(found: T, id: str) -> T:
        if getattr(found, "id", None) != id:
            raise ProviderSilent("Stripe answered for another one")
        return found


async def _told(question: Awaitable[Any], kind: type[T]) -> T:
    """What the answer's body says, past the objects that Stripe's client makes of it: those are not checked."""
    answer = await question
    return read(answer.last_response.body, kind)


def _standing(refusal: Refusal, payment_id: str) -> IntentTold | None:
    """How the payment stands, where the refusal says so."""
    return refusal.payment if refusal.payment is not None and refusal.payment.id == payment_id else None


def _not_captured(refusal: Refusal, standing: IntentTold | None) -> Exception:
    if refusal.status == 402:
        return CaptureDeclined(refusal.rule)
    if refusal.rule == MISSING:
        return NoSuchPayment(refusal.rule)
    if refusal.rule in EXPIRED or (refusal.rule == UNEXPECTED_STATE and standing and standing.status in NOTHING_HELD):
        return PaymentNotCapturable(refusal.rule)
    # Among the rest may be one that was captured before: looking it up tells.
    return ProviderSilent("Stripe will not capture, and does not say how the payment stands")


def _not_released(refusal: Refusal, standing: IntentTold | None) -> Exception:
    if refusal.rule == MISSING:
        return NoSuchPayment(refusal.rule)
    if refusal.rule == UNEXPECTED_STATE and standing and standing.status == "succeeded":
        return PaymentNotReleasable(refusal.rule)
    return ProviderSilent("Stripe will not release, and does not say how the payment stands")
