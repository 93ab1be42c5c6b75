"""Pinned payloads: one stored payload for each schema of each event, in `pinned/TOPIC.SCHEMA.json`.

They stand for the logs that are out there, so a file that was committed is never changed or removed. After adding an
event, or raising an event's SCHEMA, write the missing files with

    .venv/bin/python -m tests.eventlog.pin

look at what it wrote, and commit it.
"""

from __future__ import annotations

import importlib
import pkgutil
from datetime import UTC, date, datetime, time
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from msgspec import inspect

import domain
from domain.event import CATALOGUE, Event
from eventlog import codec
from eventlog.sealing import Sealer

FOLDER = Path(__file__).parent / "pinned"
KEY = Sealer(b"key of all the pinned payloads..")
"""Every account's key in the pinned payloads."""


def nonce(length: int) -> bytes:
    """The same in each seal, so that a payload can be compared with one written today."""
    return bytes(length)


def events() -> dict[str, type[Event]]:
    """Every event of the domain by its topic."""
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        importlib.import_module(module.name)
    return {topic: cls for topic, cls in CATALOGUE.items() if cls.__module__.startswith("domain.")}


def file_of(cls: type[Event]) -> Path:
    """Where the payload of the event's present schema is pinned."""
    return FOLDER / f"{cls.TOPIC}.{cls.SCHEMA}.json"


def sample(cls: type[Any], name: str = "") -> Any:
    """This will make an instance of a struct with believable values in all its fields."""
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    values = {field.name: _value(field.type, field.name) for field in info.fields}
    if issubclass(cls, Event):
        values["schema"] = cls.SCHEMA
    return cls(**values)


def _value(kind: inspect.Type, name: str) -> Any:
    match kind:
        case inspect.UnionType():
            return _value(next(member for member in kind.types if not isinstance(member, inspect.NoneType)), name)
        case inspect.UUIDType():
            return UUID(int=sum(name.encode()) << 64 | 7 << 76 | 2 << 62)
        case inspect.DateTimeType():
            return datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
        case inspect.DateType():
            return date(2026, 3, 1)
        case inspect.TimeType():
            return time(21, 30)
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return 1250
        case inspect.StrType():
            return f"{name} of somebody"
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.EnumType():
            member: Enum = next(iter(kind.cls))
            return member
        case inspect.VarTupleType() | inspect.ListType():
            return (_value(kind.item_type, name),)
        case inspect.DictType():
            return {_value(kind.key_type, name): _value(kind.value_type, name)}
        case inspect.StructType():
            return sample(kind.cls, name)
    raise TypeError(f"tests/eventlog/pin.py cannot make a value for the field {name}: teach _value about {type(kind).__name__}")


def main() -> None:
    """This will write the payloads that are missing."""
    FOLDER.mkdir(exist_ok=True)
    for cls in events().values():
        path = file_of(cls)
        if not path.exists():
            path.write_bytes(msgspec.json.format(codec.encode(sample(cls), KEY, nonce), indent=2) + b"\n")
            print(f"pinned {path.name}")


if __name__ == "__main__":
    main()
