"""A provider of card payments in memory that does what the real one promises, and loses what it is told to lose."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from tests.domain.scenario import NOON
from vending import card_provider as port
from vending.card_provider import (
    Card,
    Checkout,
    Order,
    Payment,
    PaymentPage,
    ProviderEvent,
    ProviderSilent,
    ProviderUnreachable,
    ReturnPage,
)

ORIGIN = "https://pay.example"


@dataclass
class FakeProvider:
    """`faults` are used up by the next calls: `unreachable`, `lost-request`, `lost-reply`, or the name of a refusal."""

    faults: deque[str] = field(default_factory=deque)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    keys: dict[UUID, str] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    utility: str = "test"
    refunded: list[tuple[datetime, str]] = field(default_factory=list)
    disputed: list[tuple[datetime, str]] = field(default_factory=list)

    @property
    def pages_origin(self) -> str:
        return ORIGIN

    # What the person at the payment page does

    def pay(self, checkout_id: str, **differently: Any) -> Payment:
        """This will hold the money, as a card that is good does; some of it may be as nobody expects."""
        page = self.checkouts[checkout_id]
        payment = Payment(
            id=f"pi_{checkout_id}",
            state="authorised",
            amount=page.amount,
            captured=0,
            currency=page.currency,
            at=NOON,
            capture_before=NOON + timedelta(days=7),
            card=Card(brand="visa", last4="4242"),
            utility=page.utility,
            purchase_id=page.purchase_id,
        )
        payment = replace(payment, **differently)
        self.checkouts[checkout_id] = replace(page, state="completed", url=None, payment=payment)
        return payment

    def let_expire(self, checkout_id: str) -> None:
        """This will close a page as time does."""
        self.checkouts[checkout_id] = replace(self.checkouts[checkout_id], state="expired", url=None)

    def refund(self, payment_id: str, amount: int, at: datetime) -> None:
        """The provider's staff gives money back, on the provider's pages."""
        payment = self._page_of(payment_id).payment
        assert payment is not None
        self._set(payment_id, refunded=payment.refunded + amount)
        self.refunded.append((at, payment_id))

    def dispute(self, payment_id: str, amount: int, at: datetime) -> None:
        """The customer's bank demands money back."""
        self._set(payment_id, disputed=amount)
        self.disputed.append((at, payment_id))

    def state(self, payment_id: str) -> str:
        """This will say how a payment stands."""
        return self._page_of(payment_id).payment.state  # type: ignore[union-attr]

    @property
    def charged(self) -> int:
        """All that was ever taken."""
        return sum(page.payment.captured for page in self.checkouts.values() if page.payment)

    # The port

    async def open_checkout(self, order: Order) -> Checkout:
        return self._asked("open", lambda: self._open(order))

    async def checkout(self, checkout_id: str) -> Checkout:
        return self._asked("checkout", lambda: self._page(checkout_id))

    async def expire(self, checkout_id: str) -> Checkout:
        return self._asked("expire", lambda: self._expire(checkout_id))

    async def payment(self, payment_id: str) -> Payment:
        return self._asked("payment", lambda: self._page_of(payment_id).payment)

    async def capture(self, payment_id: str) -> Payment:
        return self._asked("capture", lambda: self._capture(payment_id))

    async def release(self, payment_id: str) -> Payment:
        return self._asked("release", lambda: self._release(payment_id))

    async def payments(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> PaymentPage:
        """Two a page, so that whoever reads one page only is found out."""
        made = [page.payment for page in self.checkouts.values() if page.payment and since <= page.payment.at < until][::-1]
        begins = int(older or 0)
        return PaymentPage(payments=tuple(made[begins : begins + 2]), older=str(begins + 2) if len(made) > begins + 2 else None)

    async def refunds(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> ReturnPage:
        return self._returns(self.refunded, since, until, older)

    async def disputes(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> ReturnPage:
        return self._returns(self.disputed, since, until, older)

    def _returns(self, all: list[tuple[datetime, str]], since: datetime, until: datetime, older: str | None) -> ReturnPage:
        """One a page."""
        made = [payment_id for at, payment_id in all if since <= at < until][::-1]
        begins = int(older or 0)
        return ReturnPage(payment_ids=tuple(made[begins : begins + 1]), older=str(begins + 1) if len(made) > begins + 1 else None)

    async def events(self, **query: Any) -> Any:
        raise NotImplementedError

    def read_webhook(self, body: bytes, signature: str | None, now: datetime) -> ProviderEvent:
        """`signed:KIND:EVENT:PURCHASE` is signed where the signature is `good`."""
        if signature != "good":
            raise port.WebhookRefused("no signature of its secret")
        kind, event_id, purchase_id = body.decode().split(" ")
        told: Any = {"kind": kind, "id": event_id, "purchase_id": UUID(purchase_id) if purchase_id != "-" else None}
        return ProviderEvent(at=now, checkout_id=None, payment_id=None, utility=self.utility, **told)

    def _asked(self, what: str, do: Any) -> Any:
        self.asked.append(what)
        fault = self.faults.popleft() if self.faults else ""
        if fault == "unreachable":
            raise ProviderUnreachable
        if fault == "lost-request":
            raise ProviderSilent
        if fault not in ("", "lost-reply"):
            raise getattr(port, fault)(fault)
        reply = do()
        if fault == "lost-reply":
            raise ProviderSilent
        return reply

    def _open(self, order: Order) -> Checkout:
        self.orders.append(order)
        if order.key not in self.keys:
            checkout_id = self.keys[order.key] = f"cs_{len(self.keys) + 1}"
            self.checkouts[checkout_id] = Checkout(
                id=checkout_id,
                state="open",
                url=f"{ORIGIN}/{checkout_id}",
                amount=order.amount,
                currency=order.currency,
                expires_at=order.expires_at,
                payment=None,
                utility=self.utility,
                purchase_id=order.purchase_id,
            )
        return self.checkouts[self.keys[order.key]]

    def _page(self, checkout_id: str) -> Checkout:
        if checkout_id not in self.checkouts:
            raise port.NoSuchCheckout("NoSuchCheckout")
        return self.checkouts[checkout_id]

    def _expire(self, checkout_id: str) -> Checkout:
        if self._page(checkout_id).state != "open":
            raise port.CheckoutNotOpen("CheckoutNotOpen")
        self.let_expire(checkout_id)
        return self.checkouts[checkout_id]

    def _page_of(self, payment_id: str) -> Checkout:
        found = [page for page in self.checkouts.values() if page.payment and page.payment.id == payment_id]
        if not found:
            raise port.NoSuchPayment("NoSuchPayment")
        return found[0]

    def _capture(self, payment_id: str) -> Payment:
        payment = self._page_of(payment_id).payment
        assert payment is not None
        if payment.state == "released":
            raise port.PaymentNotCapturable("PaymentNotCapturable")
        return self._set(payment_id, state="captured", captured=payment.amount)

    def _release(self, payment_id: str) -> Payment:
        payment = self._page_of(payment_id).payment
        assert payment is not None
        if payment.state == "captured":
            raise port.PaymentNotReleasable("PaymentNotReleasable")
        return self._set(payment_id, state="released")

    def _set(self, payment_id: str, **changes: Any) -> Payment:
        page = self._page_of(payment_id)
        assert page.payment is not None
        self.checkouts[page.id] = replace(page, payment=replace(page.payment, **changes))
        return self.checkouts[page.id].payment  # type: ignore[return-value]
