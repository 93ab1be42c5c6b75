"""What a request's body may hold: each field is checked before anything is done."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from uuid import UUID

from standins.juice.problems import Problem, bad_field

HIGHEST_AMOUNT = 10**12
MOST_RECEIPTS = 50
TENDERS = ("Cash", "Cash-CC", "Cash-Check", "Cash-DC")
NUMBER = re.compile(r"[0-9A-Z]{1,32}")


def body(raw: bytes, *allowed: str) -> dict[str, Any]:
    """This will read a JSON object that has no other fields than the allowed ones. Raises Problem."""
    try:
        read = json.loads(raw)
    except (ValueError, RecursionError):
        raise Problem(400, "BadBody", "The body is not JSON.") from None
    if not isinstance(read, dict):
        raise Problem(400, "BadBody", "The body is not a JSON object.")
    for name in read:
        if name not in allowed:
            raise bad_field(name[:64], "is not a field of this request")
    return read


def text(given: dict[str, Any], field: str) -> str:
    """This will take a text of 1 to 64 printable characters. Raises Problem."""
    value = given.get(field)
    if not isinstance(value, str) or not 1 <= len(value) <= 64 or not value.isprintable():
        raise bad_field(field, "must be a text of 1 to 64 characters")
    return value


def target(given: dict[str, Any]) -> tuple[str, str]:
    """This will take the one of `account` and `meter` that is given, with its number. Raises Problem."""
    named = [field for field in ("account", "meter") if given.get(field) is not None]
    if len(named) != 1:
        raise bad_field("account", "either account or meter must be given, and not both")
    number = text(given, named[0])
    if not NUMBER.fullmatch(number):
        raise bad_field(named[0], "must be digits and capital letters")
    return named[0], number


def message_id(given: dict[str, Any]) -> str:
    """This will take the id under which the reply is stored: a UUID, written in lower case. Raises Problem."""
    try:
        return str(UUID(text(given, "message_id")))
    except ValueError:
        raise bad_field("message_id", "must be a UUID") from None


def amount(given: dict[str, Any]) -> int:
    """This will take an amount in minor units. Raises Problem."""
    return whole(given, "amount", 1, HIGHEST_AMOUNT)


def tender(given: dict[str, Any]) -> str:
    """This will take how a vend was paid. Raises Problem."""
    if given.get("tender") not in TENDERS:
        raise bad_field("tender", f"must be one of {', '.join(TENDERS)}")
    return str(given["tender"])


def whole(given: dict[str, Any], field: str, least: int, most: int) -> int:
    """This will take a whole number from `least` to `most`. Raises Problem."""
    value = given.get(field)
    if type(value) is not int or not least <= value <= most:
        raise bad_field(field, f"must be a whole number from {least} to {most}")
    return value


def query_number(query: dict[str, str], field: str, default: int, least: int, most: int) -> int:
    """This will read a whole number out of a query. Raises Problem."""
    written = query.get(field)
    if written is None:
        return default
    if not re.fullmatch(r"[0-9]{1,18}", written, re.ASCII):
        raise bad_field(field, f"must be a whole number from {least} to {most}")
    return whole({field: int(written)}, field, least, most)


def query_moment(query: dict[str, str], field: str) -> datetime:
    """This will read a moment with its zone out of a query. Raises Problem."""
    try:
        moment = datetime.fromisoformat(query.get(field, ""))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise bad_field(field, "must be a time with its zone (RFC 3339)")
    return moment
