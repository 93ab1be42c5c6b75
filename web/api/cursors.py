"""Where a page of activity ended, as a text that clients hand back as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from projections.activity import ActivityRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

PATTERN = r"^(?:0|[1-9][0-9]{0,16})\.(?:0|[1-9][0-9]{0,17})$"
"""Microseconds since 1970 (up to the year 5138), and position. Each text of this form is a place, and has no other form."""


def make(row: ActivityRow) -> str:
    """This will name the place behind a row."""
    microseconds = (row.happened_at - EPOCH) // timedelta(microseconds=1)
    return f"{microseconds}.{row.position}"


def read(text: str) -> tuple[datetime, int]:
    """This will give the (happened_at, position) of a cursor of that form."""
    microseconds, _, position = text.partition(".")
    return EPOCH + timedelta(microseconds=int(microseconds)), int(position)
