"""Where a page of activity ended, as a text that clients hand back unread."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta

from marshmallow import ValidationError

from projections.activity import ActivityRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def make(row: ActivityRow) -> str:
    """This will name the place behind a row: microseconds since 1970, and position."""
    microseconds = (row.happened_at - EPOCH) // timedelta(microseconds=1)
    raw = microseconds.to_bytes(8, signed=True) + row.position.to_bytes(8)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read(text: str) -> tuple[datetime, int]:
    """This will give the (happened_at, position) of a cursor. Raises ValidationError."""
    try:
        raw = base64.b64decode(text + "==", altchars=b"-_", validate=True)
        if len(raw) != 16:
            raise ValueError
        moment = EPOCH + timedelta(microseconds=int.from_bytes(raw[:8], signed=True))
        position = int.from_bytes(raw[8:], signed=True)
        if position < 0:
            raise ValueError
    except (binascii.Error, ValueError, OverflowError):
        raise ValidationError({"before": ["Send `next` of the page before, as it was."]}) from None
    return moment, position
