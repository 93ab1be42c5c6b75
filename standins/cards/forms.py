"""Parameters as Stripe's clients write them: `a[b][0][c]=1`, in a body or a query."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from standins.cards.errors import Refused, bad_parameter

NAME = re.compile(r"[A-Za-z_]\w*(\[\w*\])*", re.ASCII)
DEEPEST, MOST = 8, 200


def decoded(written: str) -> dict[str, Any]:
    """This will give the parameters as nested objects; what is counted from 0 becomes a list. Raises Refused."""
    read: dict[str, Any] = {}
    try:
        pairs = parse_qsl(written, keep_blank_values=True, max_num_fields=MOST, errors="strict")
    except ValueError:
        raise Refused(400, "invalid_request_error", "The parameters cannot be read.") from None
    for name, value in pairs:
        if not NAME.fullmatch(name) or name.count("[") > DEEPEST:
            raise bad_parameter(name[:64], "Received unknown parameter", "parameter_unknown")
        _put(read, name, re.findall(r"\w+|(?<=\[)(?=\])", name, re.ASCII), value)
    listed: dict[str, Any] = _with_lists(read)
    return listed


def text(given: dict[str, Any], name: str, longest: int = 5000) -> str:
    """This will take a text that is not empty. Raises Refused."""
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise bad_parameter(name, f"Missing required param: {name}.", "parameter_missing")
    if len(value) > longest:
        raise bad_parameter(name, f"Invalid string: {name} must be at most {longest} characters")
    return value


def whole(given: dict[str, Any], name: str) -> int:
    """This will take a whole number. Raises Refused."""
    value = text(given, name)
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise bad_parameter(name, f"Invalid integer: {name}", "parameter_invalid_integer")
    return int(value)


def texts(given: dict[str, Any], name: str, most: int, longest: int) -> dict[str, str]:
    """This will take an object of texts, such as metadata. Raises Refused."""
    value = given.get(name, {})
    if not isinstance(value, dict) or len(value) > most:
        raise bad_parameter(name, f"Invalid object: {name}")
    if any(not isinstance(each, str) or len(each) > longest for each in value.values()):
        raise bad_parameter(name, f"Values of {name} must be strings of at most {longest} characters")
    return value


def inner(given: dict[str, Any], name: str) -> dict[str, Any]:
    """This will take an object. Raises Refused."""
    value = given.get(name)
    if not isinstance(value, dict):
        raise bad_parameter(name, f"Missing required param: {name}.", "parameter_missing")
    return value


def known(given: dict[str, Any], *names: str) -> None:
    """This will see that nothing else is given. Raises Refused."""
    for name in given:
        if name not in names:
            raise bad_parameter(name[:64], f"Received unknown parameter: {name[:64]}", "parameter_unknown")


def _put(into: dict[str, Any], name: str, path: list[str], value: str) -> None:
    for step in path[:-1]:
        into = into.setdefault(step or str(len(into)), {})
        if not isinstance(into, dict):
            raise bad_parameter(name, f"Invalid object: {name}")
    last = path[-1] or str(len(into))
    if last in into:
        raise bad_parameter(name, f"Given twice: {name}")
    into[last] = value


def _with_lists(read: Any) -> Any:
    if not isinstance(read, dict):
        return read
    inside = {name: _with_lists(value) for name, value in read.items()}
    is_list = inside and list(inside) == [str(place) for place in range(len(inside))]
    return list(inside.values()) if is_list else inside
