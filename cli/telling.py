"""How the command line tells of an event: one line for people, one JSON object for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.event import Event
from domain.money import in_major_units
from eventlog.follower import Recorded
from projections.replay import WITHHELD, Change

HEADER = frozenset(Event.__struct_fields__)

MONEY = {
    *("charged", "issued", "juice_issued", "provider_charged", "recorded", "told"),
    *("amount", "balance", "balance_after", "balance_before", "difference", "juice_balance", "original", "recorded_balance"),
    *("wallet_balance", "wallet_change"),
}
"""Fields of events, and of what stands in them, that hold minor units."""


def line(recorded: Recorded, currency: str | None) -> str:
    """This will tell an event on one line; money that does not name its currency is in `currency`."""
    event = recorded.event
    told = " ".join(f"{name}={msgspec.json.encode(value).decode()}" for name, value in _readable(_says(event), currency).items())
    return f"{recorded.position:>8}  {event.at:%Y-%m-%d %H:%M:%S}Z  {event.by:<16} {type(event).__name__:<22} {told}"


def change_line(change: Change, currency: str | None) -> str:
    """This will tell one field that an event changed, before → after."""
    before, after = (_told(change.field, value, currency) for value in (change.before, change.after))
    return f"{'':>10}{change.field}: {before} → {after}"


def json_line(recorded: Recorded, changes: Sequence[Change] | None = None) -> str:
    """This will tell an event as JSON, with what it changed where that is given; money is in minor units."""
    event = recorded.event
    told: dict[str, Any] = {
        "position": recorded.position,
        "at": event.at,
        "by": event.by,
        "event": event.TOPIC,
        "correlation_id": event.correlation_id,
        "says": _says(event),
    }
    if changes is not None:
        told["changes"] = changes
    return msgspec.json.encode(told).decode()


def money(amount: int, currency: str) -> str:
    """This will write minor units as people read them, the minor units beside: 12345 KES is `KES 123.45 (12345)`."""
    return f"{currency} {in_major_units(amount, currency):,f} ({amount})"


def _told(field: str, value: Any, currency: str | None) -> str:
    if field.rpartition(".")[2] in MONEY and currency and isinstance(value, int):
        return money(value, currency)
    return msgspec.json.encode(value).decode()


def _says(event: Event) -> dict[str, Any]:
    """What an event says, less its header and less what proves a password."""
    return {name: value for name, value in msgspec.to_builtins(event).items() if name not in HEADER | WITHHELD}


def _readable(value: Any, currency: str | None) -> Any:
    if isinstance(value, list | tuple):
        return [_readable(each, currency) for each in value]
    if not isinstance(value, dict):
        return value
    currency = value.get("currency", currency)
    return {
        name: money(each, currency) if name in MONEY and currency and isinstance(each, int) else _readable(each, currency)
        for name, each in value.items()
    }
