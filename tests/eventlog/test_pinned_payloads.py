"""What was stored once can be read for ever. How to pin a new event's payload: pin.py."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from domain.event import FORGOTTEN, Event
from eventlog import codec
from tests.eventlog.pin import FOLDER, KEY, events, file_of, nonce

EVENTS = events()
PINNED = sorted(FOLDER.glob("*.json"))
PIN_IT = "no pinned payload of {}: run .venv/bin/python -m tests.eventlog.pin, look at the new file, and commit it"


class EveryAccount(dict[UUID, codec.Key]):
    """One key for all of them."""

    def __init__(self, key: codec.Key) -> None:
        self.key = key

    def __getitem__(self, account_id: UUID) -> codec.Key:
        return self.key


def topic_of(path: Path) -> str:
    return path.name.split(".")[0]


def read(path: Path, key: codec.Key = KEY) -> Event:
    return codec.decode(topic_of(path), msgspec.json.format(path.read_bytes(), indent=-1), EveryAccount(key))


class APinnedPayload:
    def test_is_there_for_the_present_schema_of_every_event(self) -> None:
        missing = [cls.TOPIC for cls in EVENTS.values() if not file_of(cls).exists()]
        assert not missing, PIN_IT.format(", ".join(missing))

    def test_is_there_for_every_earlier_schema(self) -> None:
        missing = [
            f"{cls.TOPIC}.{schema}"
            for cls in EVENTS.values()
            for schema in range(1, cls.SCHEMA)
            if not (FOLDER / f"{cls.TOPIC}.{schema}.json").exists()
        ]
        assert not missing, f"the pinned payloads {', '.join(missing)} were removed: logs still hold such events"

    @pytest.mark.parametrize("path", PINNED, ids=lambda path: path.stem)
    def test_belongs_to_an_event(self, path: Path) -> None:
        assert topic_of(path) in EVENTS, "the event was removed or its topic changed: logs still hold it"

    @pytest.mark.parametrize("path", PINNED, ids=lambda path: path.stem)
    def test_is_read(self, path: Path) -> None:
        event = read(path)
        assert type(event) is EVENTS[topic_of(path)]
        assert event.schema == event.SCHEMA

    @pytest.mark.parametrize("path", PINNED, ids=lambda path: path.stem)
    def test_is_read_when_forgotten(self, path: Path) -> None:
        event = read(path, None)
        assert all(getattr(event, name) == FORGOTTEN for name in event.PERSONAL)

    @pytest.mark.parametrize("topic", EVENTS)
    def test_is_what_is_written_today(self, topic: str) -> None:
        path = file_of(EVENTS[topic])
        assert path.exists(), PIN_IT.format(topic)
        written = codec.encode(read(path), KEY, nonce)
        assert msgspec.json.format(written, indent=2) + b"\n" == path.read_bytes(), (
            f"{path.name} is not what {EVENTS[topic].__name__} looks like now: logs hold the former. "
            "Raise SCHEMA, add an upcast from the former schema, and pin the new one"
        )
