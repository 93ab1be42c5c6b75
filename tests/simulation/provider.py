"""A simulated provider of card payments: its books, the network to it, and the webhooks that come late, twice or never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from msgspec.structs import replace

from tests.simulation.world import Life, World
from vending import card_provider as port
from vending.card_provider import Card, Checkout, EventPage, Order, Payment, PaymentPage, ProviderEvent, ReturnPage

T = TypeVar("T")

TIME_OUT_S = 10.0
LISTED_AT_ONCE = 10
"""So many payments are on a page of the list."""

UTILITY = "blue"

NOTHING_GOES_BACK = ReturnPage(payment_ids=(), older=None)
"""Nobody refunds here, and no bank demands anything back."""

Deliver = Callable[[bytes], None]


class ProviderBooks:
    """All that the provider knows. `may_take` and `may_let_go` are asked before money moves; `deliver` posts webhooks."""

    def __init__(self, world: World, may_take: Callable[[UUID], None], may_let_go: Callable[[UUID], None]) -> None:
        self.world = world
        self.may_take = may_take
        self.may_let_go = may_let_go
        self.deliver: Deliver = lambda body: None
        self.checkouts: dict[str, Checkout] = {}
        self.keys: dict[UUID, str] = {}
        self.besides: list[Payment] = []
        self.erred: set[str] = set()
        self._told = 0

    # What the person at the payment page does

    def pay(self, checkout_id: str) -> bool:
        """This will hold the money; False where the page is closed."""
        page = self.page(checkout_id)
        if page.state != "open":
            return False
        lasts = timedelta(hours=self.world.random.uniform(0.5, 30)) if self.world.faults.strike("authorisation-short") else None
        payment = Payment(
            id=f"pi_{checkout_id}",
            state="authorised",
            amount=page.amount,
            captured=0,
            currency=page.currency,
            at=self.world.now,
            capture_before=self.world.now + (lasts or timedelta(days=7)),
            card=Card(brand="visa", last4="4242"),
            utility=page.utility,
            purchase_id=page.purchase_id,
        )
        self.checkouts[checkout_id] = replace(page, state="completed", url=None, payment=payment)
        self._tell("authorised", page.purchase_id)
        self._tell("checkout-completed", page.purchase_id)
        return True

    def decline(self, checkout_id: str) -> None:
        """This will say no to a card."""
        page = self.page(checkout_id)
        if page.state == "open":
            self._tell("declined", page.purchase_id)

    # What Seed asks

    def open(self, order: Order) -> Checkout:
        """This will open a page, once for each key."""
        if order.key not in self.keys:
            checkout_id = self.keys[order.key] = f"cs_{len(self.keys) + 1}"
            self.checkouts[checkout_id] = Checkout(
                id=checkout_id,
                state="open",
                url=f"https://pay.example/{checkout_id}",
                amount=order.amount,
                currency=order.currency,
                expires_at=order.expires_at,
                payment=None,
                utility=UTILITY,
                purchase_id=order.purchase_id,
            )
        return self.page(self.keys[order.key])

    def page(self, checkout_id: str) -> Checkout:
        """This will give a page as it stands now."""
        page = self.checkouts.get(checkout_id)
        if page is None:
            raise port.NoSuchCheckout("NoSuchCheckout")
        if page.state == "open" and page.expires_at <= self.world.now:
            page = self._close(page)
        payment = page.payment
        if payment is not None and payment.state == "authorised" and payment.capture_before <= self.world.now:  # type: ignore[operator]
            self._set(page, "released")
            page = self.checkouts[checkout_id]
        return page

    def expire(self, checkout_id: str) -> Checkout:
        """This will close an open page."""
        page = self.page(checkout_id)
        if page.state != "open":
            raise port.CheckoutNotOpen("CheckoutNotOpen")
        return self._close(page)

    def page_of(self, payment_id: str) -> Checkout:
        """This will find the page of a payment."""
        page = self.page(payment_id.removeprefix("pi_"))
        if page.payment is None:
            raise port.NoSuchPayment("NoSuchPayment")
        return page

    def capture(self, payment_id: str) -> Payment:
        """This will take the money."""
        page = self.page_of(payment_id)
        if page.payment is None or page.payment.state == "released":
            raise port.PaymentNotCapturable("PaymentNotCapturable")
        if page.payment.state == "captured":
            return page.payment
        if self.world.faults.strike("provider-declines-capture"):
            raise port.CaptureDeclined("CaptureDeclined")
        if page.purchase_id is not None:
            self.may_take(page.purchase_id)
        if self.world.faults.strike("provider-charges-twice"):
            self.charge(page)
        return self._set(page, "captured")

    def charge(self, page: Checkout, *, by_seed: bool = False) -> None:
        """This will charge a card once more, as a payment of its own, of which no webhook tells. Where it was not Seed that asked
        for it, nothing but comparing the books can find it.
        """
        assert page.payment is not None
        changes: Any = {"id": f"{page.payment.id}_{len(self.besides) + 1}", "state": "captured", "at": self.world.now}
        payment = replace(page.payment, captured=page.amount, **changes)
        self.besides.append(payment)
        if not by_seed:
            self.erred.add(payment.id)

    def payments(self, since: datetime, until: datetime, older: str | None) -> PaymentPage:
        """This will give a page of the payments that began in a time, the newest first."""
        pages = map(self.page, self.checkouts)
        began = [page.payment for page in pages if page.payment is not None] + self.besides
        began = sorted((each for each in began if since <= each.at < until), key=lambda each: (each.at, each.id), reverse=True)
        start = int(older or 0)
        end = start + LISTED_AT_ONCE
        return PaymentPage(payments=tuple(began[start:end]), older=str(end) if end < len(began) else None)

    def release(self, payment_id: str) -> Payment:
        """This will let the money go."""
        page = self.page_of(payment_id)
        if page.payment is None or page.payment.state == "captured":
            raise port.PaymentNotReleasable("PaymentNotReleasable")
        if page.payment.state == "released":
            return page.payment
        if page.purchase_id is not None:
            self.may_let_go(page.purchase_id)
        return self._set(page, "released")

    def _close(self, page: Checkout) -> Checkout:
        self.checkouts[page.id] = closed = replace(page, state="expired", url=None)
        self._tell("checkout-expired", page.purchase_id)
        return closed

    def _set(self, page: Checkout, state: Any) -> Payment:
        assert page.payment is not None
        payment = replace(page.payment, state=state, captured=page.amount if state == "captured" else 0)
        self.checkouts[page.id] = replace(page, payment=payment)
        self._tell(state, page.purchase_id)
        return payment

    def _tell(self, kind: str, purchase_id: UUID | None) -> None:
        self._told += 1
        body = f"{kind} evt_{self._told} {purchase_id or '-'}".encode()
        strike, random = self.world.faults.strike, self.world.random
        if strike("webhook-lost"):
            return
        for _ in range(2 if strike("webhook-doubled") else 1):
            wait_s = random.uniform(60.0, 6 * 3600.0) if strike("webhook-late") else random.uniform(0.05, 2.0)
            self.world.loop.call_later(wait_s, self.deliver, body)


class ProviderOfLife:
    """The way to the provider of one process. Satisfies the port."""

    pages_origin = "https://pay.example"

    def __init__(self, books: ProviderBooks, life: Life) -> None:
        self.books = books
        self.life = life

    async def open_checkout(self, order: Order) -> Checkout:
        return await self._ask(lambda: self.books.open(order))

    async def checkout(self, checkout_id: str) -> Checkout:
        return await self._ask(lambda: self.books.page(checkout_id))

    async def expire(self, checkout_id: str) -> Checkout:
        return await self._ask(lambda: self.books.expire(checkout_id))

    async def payment(self, payment_id: str) -> Payment:
        return await self._ask(lambda: self.books.page_of(payment_id).payment)  # type: ignore[arg-type,return-value]

    async def capture(self, payment_id: str) -> Payment:
        return await self._ask(lambda: self.books.capture(payment_id))

    async def release(self, payment_id: str) -> Payment:
        return await self._ask(lambda: self.books.release(payment_id))

    async def payments(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> PaymentPage:
        return await self._ask(lambda: self.books.payments(since, until, older))

    async def refunds(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> ReturnPage:
        return await self._ask(lambda: NOTHING_GOES_BACK)

    async def disputes(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> ReturnPage:
        return await self._ask(lambda: NOTHING_GOES_BACK)

    async def events(self, *, since: datetime, until: datetime, older: str | None = None, limit: int = 100) -> EventPage:
        raise NotImplementedError

    def read_webhook(self, body: bytes, signature: str | None, now: datetime) -> ProviderEvent:
        kind, event_id, purchase_id = body.decode().split(" ")
        told: Any = {"kind": kind, "id": event_id, "purchase_id": UUID(purchase_id) if purchase_id != "-" else None}
        return ProviderEvent(at=now, checkout_id=None, payment_id=None, utility=UTILITY, **told)

    async def _ask(self, do: Callable[[], T]) -> T:
        await self.life.step(0.02)
        strike = self.life.world.faults.strike
        if strike("provider-unreachable"):
            raise port.ProviderUnreachable
        if strike("provider-request-lost"):
            await self._silence()
        lost = strike("provider-reply-lost")
        try:
            told = do()
        except port.ProviderRefused:
            if lost:
                await self._silence()
            raise
        if lost:
            await self._silence()
        await self.life.step(0.02)
        return told

    async def _silence(self) -> None:
        await self.life.world.sleep(TIME_OUT_S)
        await self.life.check()
        raise port.ProviderSilent
