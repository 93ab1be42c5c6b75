"""The payload of an event: JSON, with whatever is personal sealed under the account's own key.

    {"originator_id": …, "originator_version": …, "at": …, …, "schema": 1}
    {…, "personal": ["name", "address"], "sealed": "base64 of nonce, ciphertext, tag"}

`personal` says which fields are inside, so that they can be named even when nobody can open them any more. `sealed` is
always the last member: what was inside is put back in its place without parsing the rest twice.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from domain.event import CATALOGUE, FORGOTTEN, Event
from domain.ids import Randomness
from eventlog.sealing import Sealer

Key = Sealer | None
"""An account's key; None once it is destroyed."""


class UnknownTopic(Exception):
    """The log holds an event that this version of Seed does not know."""


class SchemaFromTheFuture(Exception):
    """The event was written by a newer version of Seed than this one."""


class PersonalWithoutAccount(Exception):
    """An event with personal fields names no account, so no key could seal it."""


class _Sealed(msgspec.Struct):
    """What must be known of a sealed payload before it can be opened."""

    originator_id: UUID
    originator_version: int
    account_id: UUID
    personal: list[str]
    sealed: str


_sealed = msgspec.json.Decoder(_Sealed)
_encode = msgspec.json.Encoder().encode
_decoders: dict[str, tuple[type[Event], Callable[[bytes], Event]]] = {}


def event_class(topic: str) -> type[Event]:
    """This will give the class of a topic. Raises UnknownTopic."""
    return _known(topic)[0]


def encode(event: Event, key: Key, randomness: Randomness) -> bytes:
    """This will give an event's payload; `key` is needed where the event has personal fields."""
    if not event.PERSONAL:
        return _encode(event)
    if key is None:
        raise PersonalWithoutAccount(event.TOPIC)
    members = msgspec.to_builtins(event)
    inside = {name: members.pop(name) for name in event.PERSONAL}
    place = _place(event.originator_id, event.originator_version, event.TOPIC)
    members["personal"] = event.PERSONAL
    members["sealed"] = base64.b64encode(key.seal(_encode(inside), place, randomness)).decode()
    return _encode(members)


def personal(topics: Iterable[str]) -> set[str]:
    """This will give the topics whose payloads need a key. Raises UnknownTopic."""
    return {topic for topic in topics if event_class(topic).PERSONAL}


def owner(state: bytes) -> UUID:
    """This will give the account whose key a payload needs that has something personal."""
    return _sealed.decode(state).account_id


def decode(topic: str, state: bytes, keys: Mapping[UUID, Key]) -> Event:
    """This will give the event of a payload; of a destroyed key's account the personal fields read FORGOTTEN.

    `keys` must hold the payload's owner. Raises UnknownTopic, SchemaFromTheFuture, SealBroken, msgspec's errors.
    """
    cls, decoder = _known(topic)
    if cls.PERSONAL:
        state = _opened(topic, state, keys)
    try:
        event = decoder(state)
    except msgspec.ValidationError:
        return _upcast(cls, state)
    return event if event.schema == cls.SCHEMA else _upcast(cls, state)


def _known(topic: str) -> tuple[type[Event], Callable[[bytes], Event]]:
    known = _decoders.get(topic)
    if known is None:
        cls = CATALOGUE.get(topic)
        if cls is None:
            raise UnknownTopic(topic)
        known = _decoders[topic] = cls, msgspec.json.Decoder(cls).decode
    return known


def _opened(topic: str, state: bytes, keys: Mapping[UUID, Key]) -> bytes:
    known = _sealed.decode(state)
    key = keys[known.account_id]
    if key is None:
        inside = _encode(dict.fromkeys(known.personal, FORGOTTEN))
    else:
        place = _place(known.originator_id, known.originator_version, topic)
        inside = key.unseal(base64.b64decode(known.sealed), place)
    return state[: state.rindex(b',"sealed":"')] + b"," + inside[1:]


def _place(originator_id: UUID, originator_version: int, topic: str) -> bytes:
    return f"{originator_id}|{originator_version}|{topic}".encode()


def _upcast(cls: type[Event], state: bytes) -> Event:
    members: dict[str, Any] = msgspec.json.decode(state)
    schema = members.get("schema", 1)
    if schema > cls.SCHEMA:
        raise SchemaFromTheFuture(f"{cls.TOPIC}: schema {schema}, known up to {cls.SCHEMA}")
    while schema < cls.SCHEMA:
        members = getattr(cls, f"upcast_{schema}")(members)
        schema += 1
    members["schema"] = schema
    return msgspec.convert(members, cls)
