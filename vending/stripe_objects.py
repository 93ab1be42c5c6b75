"""Stripe's objects, as far as Seed reads them, and what they come to in the port's terms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

import msgspec

from vending.card_provider import Card, Checkout, Payment, ProviderEvent, ProviderSilent
from vending.stripe_money import from_stripe

T = TypeVar("T")

UTILITY, PURCHASE_ID = "utility", "purchase_id"
"""What a checkout and its payment carry in their metadata."""

EVENT_KINDS: Final[dict[str, Any]] = {
    "checkout.session.completed": "checkout-completed",
    "checkout.session.expired": "checkout-expired",
    "payment_intent.amount_capturable_updated": "authorised",
    "payment_intent.succeeded": "captured",
    "payment_intent.canceled": "released",
    "payment_intent.payment_failed": "declined",
}
"""Stripe's names of what concerns us; all else is `other`."""

ENDED_WELL: Final = frozenset({"won", "warning_closed", "prevented", "charge_refunded"})
"""Statuses of a dispute by which nothing more is lost than what was refunded. One that we do not know counts as standing."""

STATES: Final[dict[str, Literal["pending", "authorised", "captured", "released"]]] = {
    "requires_payment_method": "pending",
    "requires_confirmation": "pending",
    "requires_action": "pending",
    "processing": "pending",
    "requires_capture": "authorised",
    "succeeded": "captured",
    "canceled": "released",
}


class CardTold(msgspec.Struct, frozen=True):
    """`charge.payment_method_details.card`."""

    brand: str | None = None
    last4: str | None = None
    capture_before: int | None = None


class MethodTold(msgspec.Struct, frozen=True):
    """`charge.payment_method_details`."""

    card: CardTold | None = None


class ChargeTold(msgspec.Struct, frozen=True):
    """`charge`: one attempt to take the money. `amount_refunded` has what was never captured in it, too."""

    id: str
    amount: int
    amount_captured: int
    amount_refunded: int
    disputed: bool
    payment_method_details: MethodTold | None = None


class IntentTold(msgspec.Struct, frozen=True):
    """`payment_intent`, with its latest charge where that was asked for."""

    id: str
    status: str
    amount: int
    amount_received: int
    currency: str
    created: int
    amount_capturable: int | None = None
    latest_charge: ChargeTold | str | None = None
    metadata: dict[str, str] = {}


class SessionTold(msgspec.Struct, frozen=True):
    """`checkout.session`, with its payment intent where that was asked for."""

    id: str
    status: Literal["open", "complete", "expired"]
    amount_total: int
    currency: str
    expires_at: int
    url: str | None = None
    client_reference_id: str | None = None
    payment_intent: IntentTold | str | None = None
    metadata: dict[str, str] | None = None


class SubjectTold(msgspec.Struct, frozen=True):
    """What an event is about: an object of any kind, and of any version of Stripe's interface."""

    object: str | None = None
    id: str | None = None
    payment_intent: Any = None
    metadata: dict[str, str] | None = None


class DataTold(msgspec.Struct, frozen=True):
    """`event.data`."""

    object: SubjectTold


class EventTold(msgspec.Struct, frozen=True):
    """`event`."""

    id: str
    type: str
    created: int
    data: DataTold


class IntentsTold(msgspec.Struct, frozen=True):
    """A list of payment intents."""

    data: tuple[IntentTold, ...]
    has_more: bool


class ReturnTold(msgspec.Struct, frozen=True):
    """`refund` or `dispute`, as far as it names a payment."""

    id: str
    payment_intent: Any = None


class ReturnsTold(msgspec.Struct, frozen=True):
    """A list of refunds, or of disputes."""

    data: tuple[ReturnTold, ...]
    has_more: bool


class DisputeTold(msgspec.Struct, frozen=True):
    """`dispute`: the card's bank demands money back, or asks whether it should."""

    id: str
    status: str
    amount: int
    currency: str


class DisputesTold(msgspec.Struct, frozen=True):
    """A list of disputes."""

    data: tuple[DisputeTold, ...]
    has_more: bool


class EventsTold(msgspec.Struct, frozen=True):
    """A list of events."""

    data: tuple[EventTold, ...]
    has_more: bool


def read(content: str | bytes, kind: type[T]) -> T:
    """This will read a reply. Raises ProviderSilent, which names the field and never quotes."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        told = str(error) if isinstance(error, msgspec.ValidationError) else "not JSON"
        raise ProviderSilent(f"Stripe's reply cannot be read: {told}") from None


def payment_of(told: IntentTold) -> Payment:
    """This will say where a payment stands. Raises ProviderSilent."""
    if told.status not in STATES:
        raise ProviderSilent("Stripe's reply cannot be read: the payment has a status that Seed does not know")
    state, currency = STATES[told.status], told.currency.upper()
    charge = told.latest_charge if isinstance(told.latest_charge, ChargeTold) else None
    card = charge.payment_method_details.card if charge and charge.payment_method_details else None
    return Payment(
        id=told.id,
        state=state,
        amount=from_stripe(_held(told, state), currency),
        captured=from_stripe(told.amount_received, currency),
        currency=currency,
        at=_moment(told.created),
        capture_before=_moment(card.capture_before) if card and card.capture_before and state == "authorised" else None,
        card=Card(brand=card.brand, last4=card.last4) if card and card.brand and card.last4 else None,
        utility=told.metadata.get(UTILITY),
        purchase_id=_purchase(told.metadata),
        refunded=from_stripe(_refunded(charge), currency) if charge and state == "captured" else 0,
    )


def charge_of(told: IntentTold) -> ChargeTold | None:
    """This will give the charge that took a payment's money; None where none was taken. Raises ProviderSilent."""
    if STATES.get(told.status) != "captured":
        return None
    if not isinstance(told.latest_charge, ChargeTold):
        raise ProviderSilent("Stripe's reply cannot be read: a payment was captured, and its charge is not told")
    return told.latest_charge


def disputed_of(payment: Payment, told: DisputesTold) -> int:
    """This will add up what is demanded back, or was taken back, of a payment. Raises ProviderSilent."""
    standing = [each for each in told.data if each.status not in ENDED_WELL]
    if any(each.currency.upper() != payment.currency for each in standing):
        return payment.captured  # the bank's currency is another one: no part of ours can be told
    return min(sum(from_stripe(each.amount, payment.currency) for each in standing), payment.captured)


def payment_ids(told: ReturnsTold) -> tuple[str, ...]:
    """This will name the payments of refunds or disputes; what was taken in another way than by a payment is none of ours."""
    return tuple(found for each in told.data if (found := _id(each.payment_intent)) is not None)


def checkout_of(told: SessionTold) -> Checkout:
    """This will say where a checkout stands. Raises ProviderSilent."""
    metadata, currency = told.metadata or {}, told.currency.upper()
    return Checkout(
        id=told.id,
        state="completed" if told.status == "complete" else told.status,
        url=told.url if told.status == "open" else None,
        amount=from_stripe(told.amount_total, currency),
        currency=currency,
        expires_at=_moment(told.expires_at),
        payment=payment_of(told.payment_intent) if isinstance(told.payment_intent, IntentTold) else None,
        utility=metadata.get(UTILITY),
        purchase_id=_purchase(metadata),
    )


def event_of(told: EventTold) -> ProviderEvent:
    """This will say what happened."""
    subject = told.data.object
    metadata = subject.metadata or {}
    checkout = subject.id if subject.object == "checkout.session" else None
    payment = subject.id if subject.object == "payment_intent" else _id(subject.payment_intent)
    return ProviderEvent(
        id=told.id,
        kind=EVENT_KINDS.get(told.type, "other"),
        at=_moment(told.created),
        checkout_id=checkout,
        payment_id=payment,
        utility=metadata.get(UTILITY),
        purchase_id=_purchase(metadata),
    )


def _refunded(charge: ChargeTold) -> int:
    """What was given back of what was taken: Stripe counts the part of a hold that was not captured as refunded."""
    return max(charge.amount_refunded - (charge.amount - charge.amount_captured), 0)


def _held(told: IntentTold, state: str) -> int:
    """A bank may have authorised a part only: that much can be captured."""
    return told.amount if state != "authorised" or told.amount_capturable is None else told.amount_capturable


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise ProviderSilent("Stripe's reply cannot be read: a time that is none") from None


def _purchase(metadata: dict[str, str]) -> UUID | None:
    try:
        return UUID(metadata[PURCHASE_ID])
    except (KeyError, ValueError):
        return None


def _id(expandable: Any) -> str | None:
    found = expandable.get("id") if isinstance(expandable, dict) else expandable
    return found if isinstance(found, str) else None
