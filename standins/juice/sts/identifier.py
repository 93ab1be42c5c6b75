"""The token identifier (TID): the minute a token was issued, counted from its base date; no two tokens of a meter share it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from standins.juice.sts.fields import FieldRefused

BASES = (1993, 2014, 2035)

_MINUTE = timedelta(minutes=1)
_DAY = 24 * 60
_LAST = 2**24 - 1
_RESERVED = 1
"""The minute 00:01 of each day, which is kept for special tokens."""


def base_date(field: str, year: object) -> datetime:
    """This will give the start of the count: 1993, 2014 or 2035, 1 January, 00:00 UTC. Raises FieldRefused."""
    if type(year) is not int or year not in BASES:
        raise FieldRefused(field, "must be 1993, 2014 or 2035")
    return datetime(year, 1, 1, tzinfo=UTC)


def token_identifier(issued_at: datetime, *, base: int) -> int:
    """This will count the whole minutes since the base date, stepping over the reserved 00:01 of a day.

    `issued_at` carries its zone. Raises FieldRefused where it has none, lies before the base date, or lies more than
    2^24 - 1 minutes (almost 32 years) after it.
    """
    start = base_date("base", base)
    if not isinstance(issued_at, datetime) or issued_at.utcoffset() is None:
        raise FieldRefused("issued_at", "must be a time with its zone")
    minutes = (issued_at - start) // _MINUTE
    if minutes < 0:
        raise FieldRefused("issued_at", f"must not lie before the base date {base}-01-01")
    if minutes > _LAST:
        raise FieldRefused("issued_at", f"must not lie more than {_LAST} minutes after the base date {base}-01-01")
    return minutes + 1 if minutes % _DAY == _RESERVED else minutes


def issue_time(identifier: int, *, base: int) -> datetime:
    """This will give the minute, in UTC, that an identifier stands for."""
    return base_date("base", base) + identifier * _MINUTE


def first_free_minute(wanted: datetime, *, base: int, last: int | None) -> datetime:
    """This will give the first time from `wanted` on whose identifier comes after `last`, the meter's latest one.

    A vendor that sells twice in a minute needs it: a meter takes an identifier once, and only in order of issue.
    """
    identifier = token_identifier(wanted, base=base)
    if last is None or identifier > last:
        return wanted
    return issue_time(last + 1, base=base)
