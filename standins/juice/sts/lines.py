"""A line of JSON, read into the fields of a token; what the fields may hold is judged where they are packed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypedDict

from standins.juice.sts.fields import FieldRefused


class TokenRequest(TypedDict):
    """The arguments of `issue_token`."""

    vending_key: bytes
    pan: str
    key_revision: int
    key_type: int
    supply_group: str
    tariff_index: str
    base: int
    subclass: int
    random: int
    units: Decimal
    issued_at: datetime


_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,40})?")
_HEX = re.compile(r"([0-9a-fA-F]{2})*")
_RFC_3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})?")


def read_request(line: bytes) -> TokenRequest:
    """This will read one JSON object with exactly the fields of a TokenRequest, each once.

    `vending_key` is hexadecimal, `units` a decimal number in a string, `issued_at` an RFC 3339 time that is UTC where
    it names no zone. Raises FieldRefused.
    """
    request: dict[str, Any] = _read_object(line)
    for field in TokenRequest.__annotations__:
        if field not in request:
            raise FieldRefused(field, "is missing")
    for field in request:
        if field not in TokenRequest.__annotations__:
            raise FieldRefused(ascii(field), "is not a field of a token")
    return TokenRequest(
        vending_key=bytes.fromhex(_text(request, "vending_key", _HEX, "must be a string of hexadecimal bytes")),
        pan=request["pan"],
        key_revision=request["key_revision"],
        key_type=request["key_type"],
        supply_group=request["supply_group"],
        tariff_index=request["tariff_index"],
        base=request["base"],
        subclass=request["subclass"],
        random=request["random"],
        units=Decimal(_text(request, "units", _DECIMAL, 'must be a decimal number in a string, such as "25.6"')),
        issued_at=_time(_text(request, "issued_at", _RFC_3339, "must be an RFC 3339 time in a string")),
    )


def _read_object(line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line.decode("utf-8"), object_pairs_hook=_once_each)
    except FieldRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise FieldRefused("the line", "is not JSON in UTF-8") from error
    if not isinstance(request, dict):
        raise FieldRefused("the line", "is not a JSON object")
    return request


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for field, value in pairs:
        if field in seen:
            raise FieldRefused(ascii(field), "is given twice")
        seen[field] = value
    return seen


def _text(request: dict[str, Any], field: str, form: re.Pattern[str], problem: str) -> str:
    value = request[field]
    if not isinstance(value, str) or form.fullmatch(value) is None:
        raise FieldRefused(field, problem)
    return value


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise FieldRefused("issued_at", "must be a time that exists") from error
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
