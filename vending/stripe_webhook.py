"""What Stripe posts to our webhook address: believed only with a signature of the secret that Stripe and we share."""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from vending.card_provider import ProviderEvent, ProviderSilent, WebhookRefused
from vending.stripe_objects import EventTold, event_of, read

TOLERANCE: Final = timedelta(minutes=5)
"""How long a signature holds, and how much our clocks may differ."""

STAMP: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


def read_webhook(body: bytes, signature: str | None, now: datetime, secret: str) -> ProviderEvent:
    """This will read an event out of a signed body.

    The header is `t=<seconds>,v1=<hex>` with one `v1` for each secret that is in use while it is changed; other schemes are
    no signatures. Raises WebhookRefused.
    """
    stamp, signatures = _parts(signature or "")
    expected = hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest().encode()
    if not any([hmac.compare_digest(expected, each.encode()) for each in signatures]):
        raise WebhookRefused("the signature is none of ours")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise WebhookRefused("the signature is of another time")
    try:
        return event_of(read(body, EventTold))
    except ProviderSilent:
        raise WebhookRefused("the body is no event") from None


def _parts(header: str) -> tuple[str, list[str]]:
    items = [item.partition("=") for item in header.split(",")]
    stamps = [value for name, _, value in items if name == "t"]
    if len(stamps) != 1 or not STAMP.fullmatch(stamps[0]):
        raise WebhookRefused("there is no signature")
    return stamps[0], [value for name, _, value in items if name == "v1"]
