"""Payloads: what is written, what is sealed, what is read back, and what becomes of old ones."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain.account_events import AccountOpened
from domain.event import FORGOTTEN, Event
from eventlog import codec
from eventlog.codec import PersonalWithoutAccount, SchemaFromTheFuture, UnknownTopic
from eventlog.sealing import SealBroken, Sealer
from tests.eventlog.scenes import account_opened, wallet_opened

KEY = Sealer(bytes(32))


def opened(**fields: Any) -> AccountOpened:
    event = account_opened()[0]
    assert isinstance(event, AccountOpened)
    return msgspec.structs.replace(event, **fields)


def payload(event: Event) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(codec.encode(event, KEY, os.urandom))
    return members


def keys_of(event: Event) -> dict[UUID, codec.Key]:
    return {event.account_id: KEY} if event.account_id else {}


class APayload:
    def test_is_the_events_fields_as_json(self) -> None:
        [event] = wallet_opened()
        assert payload(event) == json.loads(msgspec.json.encode(event))

    def test_reads_back_as_the_event(self) -> None:
        for event in [*wallet_opened(), *account_opened()]:
            state = codec.encode(event, KEY, os.urandom)
            assert codec.decode(event.TOPIC, state, keys_of(event)) == event

    @given(name=some.text(), address=some.text(), number=some.text())
    def test_keeps_whatever_a_person_is_called(self, name: str, address: str, number: str) -> None:
        event = opened(name=name, address=address, number=number)
        assert codec.decode(event.TOPIC, codec.encode(event, KEY, os.urandom), keys_of(event)) == event

    @given(by=some.text(), language=some.text())
    def test_is_not_confused_by_what_looks_like_a_seal(self, by: str, language: str) -> None:
        event = opened(by=by + ',"sealed":"', language='"sealed":"' + language, name=',"sealed":"x"}')
        assert codec.decode(event.TOPIC, codec.encode(event, KEY, os.urandom), keys_of(event)) == event

    def test_of_an_unknown_topic_is_named(self) -> None:
        with pytest.raises(UnknownTopic, match="never-heard-of"):
            codec.decode("never-heard-of", b"{}", {})


class APersonalField:
    def test_is_nowhere_in_the_payload(self) -> None:
        event = opened(name="Ann Person", address="1 Long Street", number="4711")
        state = codec.encode(event, KEY, os.urandom)
        assert not any(word in state for word in (b"Ann", b"Person", b"Long", b"4711", b'name":'))
        assert json.loads(state)["personal"] == ["number", "name", "address"]

    def test_is_sealed_differently_each_time(self) -> None:
        event = opened()
        assert payload(event)["sealed"] != payload(event)["sealed"]

    def test_reads_as_forgotten_without_its_key(self) -> None:
        event = opened()
        read = codec.decode(event.TOPIC, codec.encode(event, KEY, os.urandom), {event.account_id or uuid4(): None})
        assert read == msgspec.structs.replace(event, name=FORGOTTEN, address=FORGOTTEN, number=FORGOTTEN)

    def test_opens_under_no_other_key(self) -> None:
        event = opened()
        with pytest.raises(SealBroken):
            codec.decode(
                event.TOPIC, codec.encode(event, KEY, os.urandom), {event.account_id or uuid4(): Sealer(bytes(31) + b"1")}
            )

    @pytest.mark.parametrize("member", ["originator_id", "originator_version"])
    def test_opens_in_no_other_place(self, member: str) -> None:
        event = opened()
        moved = payload(event) | {member: str(uuid4()) if member == "originator_id" else 2}
        with pytest.raises(SealBroken):
            codec.decode(event.TOPIC, msgspec.json.encode(moved), keys_of(event))

    def test_opens_under_no_other_topic(self) -> None:
        event = opened()
        with pytest.raises(SealBroken):
            codec.decode("account-details-changed", codec.encode(event, KEY, os.urandom), keys_of(event))

    def test_needs_an_account(self) -> None:
        with pytest.raises(PersonalWithoutAccount):
            codec.encode(opened(account_id=None), None, os.urandom)


class Paid(Event, frozen=True, kw_only=True):
    """An event in its third schema: amounts were pounds in the first, and had no currency in the second."""

    TOPIC = "test-paid"
    SCHEMA = 3
    PERSONAL = ("payer",)

    pence: int
    currency: str
    payer: str

    @staticmethod
    def upcast_1(members: dict[str, Any]) -> dict[str, Any]:
        return {**members, "pence": members["pounds"] * 100}

    @staticmethod
    def upcast_2(members: dict[str, Any]) -> dict[str, Any]:
        return {**members, "currency": "GBP"}


class AnOldPayload:
    ACCOUNT = UUID(int=7)

    def written(self, topic: str, schema: int, **members: Any) -> bytes:
        """As the version of Seed wrote it that had this schema."""
        common = {
            "originator_id": UUID(int=1),
            "originator_version": 1,
            "at": datetime(2026, 1, 1, tzinfo=UTC),
            "by": "customer",
            "account_id": self.ACCOUNT,
            "correlation_id": UUID(int=2),
            "causation_id": None,
            "schema": schema,
        }
        sealed = KEY.seal(b'{"payer":"Ann"}', f"{UUID(int=1)}|1|{topic}".encode(), os.urandom)
        return msgspec.json.encode({**common, **members, "personal": ["payer"], "sealed": sealed})

    def read(self, state: bytes, key: codec.Key = KEY) -> Paid:
        event = codec.decode("test-paid", state, {self.ACCOUNT: key})
        assert isinstance(event, Paid)
        return event

    def test_reads_as_the_present_event(self) -> None:
        for state in (
            self.written("test-paid", 1, pounds=5),
            self.written("test-paid", 2, pence=500),
            self.written("test-paid", 3, pence=500, currency="GBP"),
        ):
            event = self.read(state)
            assert (event.pence, event.currency, event.payer, event.schema) == (500, "GBP", "Ann", 3)

    def test_reads_as_the_present_event_when_forgotten(self) -> None:
        event = self.read(self.written("test-paid", 1, pounds=5), None)
        assert (event.pence, event.payer) == (500, FORGOTTEN)

    def test_of_a_schema_that_would_fit_by_chance_is_upcast_all_the_same(self) -> None:
        state = self.written("test-paid", 1, pounds=5, pence=1, currency="USD")
        event = self.read(state)
        assert event.pence == 500

    def test_from_a_newer_version_is_refused(self) -> None:
        with pytest.raises(SchemaFromTheFuture, match="test-paid: schema 4, known up to 3"):
            codec.decode("test-paid", self.written("test-paid", 4, pence=5, currency="GBP"), {self.ACCOUNT: KEY})
