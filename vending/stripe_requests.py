"""What Stripe is asked, in its own words: the parameters of a checkout and of a list."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from vending.card_provider import Order
from vending.stripe_money import to_stripe
from vending.stripe_objects import PURCHASE_ID, UTILITY

LOCALES: Final = frozenset(
    """bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr
    vi zh zh-HK zh-TW""".split()  # noqa: SIM905
)
"""Languages of the hosted page; for another it goes by what the browser asks for."""


def session(order: Order, utility: str) -> Any:
    """This will make the request for a checkout. Raises AmountNotChargeable."""
    metadata = {UTILITY: utility, PURCHASE_ID: str(order.purchase_id)}
    price = {
        "currency": order.currency.lower(),
        "unit_amount": to_stripe(order.amount, order.currency),
        "product_data": {"name": order.description},
    }
    return {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "adaptive_pricing": {"enabled": False},  # nobody pays in another currency than the one that is credited
        "line_items": [{"quantity": 1, "price_data": price}],
        "payment_intent_data": {"capture_method": "manual", "description": order.description, "metadata": metadata},
        "client_reference_id": str(order.purchase_id),
        "metadata": metadata,
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "locale": order.language if order.language in LOCALES else "auto",
        "expires_at": int(order.expires_at.timestamp()),
    }


def window(since: datetime, until: datetime, older: str | None, limit: int) -> dict[str, Any]:
    """This will make the request for a page of a list."""
    query: dict[str, Any] = {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}, "limit": limit}
    return query | ({"starting_after": older} if older is not None else {})
