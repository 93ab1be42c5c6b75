"""Mistakes in defining events and aggregates are found where they are made, by name."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.account_events import MeterRemoved
from domain.aggregate import Aggregate, evolves
from domain.event import CATALOGUE, Event
from tests.domain.scenario import context


class AnEventClass:
    def test_seals_only_fields_that_it_has(self):
        with pytest.raises(TypeError, match=r"Told\.PERSONAL names adress, which is no field of it"):

            class Told(Event, frozen=True, kw_only=True):
                TOPIC = "tests-told"
                PERSONAL = ("adress",)

                address: str

        assert "tests-told" not in CATALOGUE

    def test_may_seal_a_field_that_it_inherits(self):
        class Done(Event, frozen=True, kw_only=True):
            TOPIC = "tests-done"
            PERSONAL = ("by",)

        assert CATALOGUE.pop("tests-done") is Done

    def test_has_a_topic_of_its_own(self):
        with pytest.raises(TypeError, match="Nameless has no TOPIC"):

            class Nameless(Event, frozen=True, kw_only=True):
                pass


class AnAggregateClass:
    def test_evolves_by_an_event_in_one_way(self):
        with pytest.raises(TypeError, match=r"Torn has two methods marked @evolves\(MeterRemoved\)"):

            class Torn(Aggregate):
                @evolves(MeterRemoved)
                def one(self, event: MeterRemoved) -> None: ...

                @evolves(MeterRemoved)
                def other(self, event: MeterRemoved) -> None: ...

    def test_that_records_what_it_does_not_evolve_by_names_the_event(self):
        with pytest.raises(TypeError, match=r"@evolves\(MeterRemoved\)"):
            Aggregate(UUID(int=1)).record(MeterRemoved, context(), account_id=None, meter_id=UUID(int=2))
