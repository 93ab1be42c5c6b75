"""What happens to a wallet, in plain values: every contestant writes the same. Only the standard library is used here."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

CURRENCY = "ZAR"

RECEIPT: dict[str, Any] = {
    "happened_at": "2026-03-01T12:00:00Z",
    "amount": 5000,
    "currency": CURRENCY,
    "lines": [{"kind": "energy", "amount": 4350}, {"kind": "tax", "amount": 650}],
    "wallet_change": 100,
    "wallet_balance": 0,
    "meter_id": "0197f0c2-5a00-7000-8000-000000000001",
    "milliunits": 17400,
    "unit": "kWh",
    "tokens": [{"kind": "credit", "digits": "12345678901234567890", "order": 1}],
}
"""One purchase that was made elsewhere, without the number that Juice gave it."""


def header() -> dict[str, str]:
    """This will say who did it, when, and because of what."""
    return {"at": datetime.now(UTC).isoformat(), "by": "juice", "correlation_id": str(uuid.uuid4())}


def opened() -> dict[str, Any]:
    """This will give what is written where a wallet is opened."""
    return {**header(), "account_id": str(uuid.uuid4()), "currency": CURRENCY}


def receipt() -> dict[str, Any]:
    """This will give a receipt with a number of its own."""
    return {"juice_number": uuid.uuid4().hex, **RECEIPT}


def moved() -> dict[str, Any]:
    """This will give what is written where a transaction moves money."""
    return {**header(), "kind": "Cash", "receipt": receipt()}
