"""A scan of everything that is kept, written and sent: no password, no code, no card number, and nothing personal where it
should not be.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from projections.registry import all_projections
from tests.in_the_clear.life import EMAIL, OWN_PASSWORD, PHONE, Lived, Secret, live
from tests.in_the_clear.recorder import Part
from tests.in_the_clear.search import bank_cards, everything, found
from tests.in_the_clear.tapped import Tapped, tapped

SAMPLE = 8
"""One in so many of the demo's accounts and cards is looked for, and all that was used."""

PERSONAL_COLUMNS = {
    (table.name, column.name)
    for projection in all_projections(lambda purpose, message: b"")
    for table in projection.tables
    for column in table.columns
    if column.personal
}

MAY_SAY = {
    # What people type goes to the site in a form or a body, and is said by nobody else.
    ("site", "request", "body"): {"code", "password", "bank-card"},
    # Whoever has logged in shows the session's token, which they were given at the log-in; machines show a key.
    ("site", "request", "headers"): {"session", "key"},
    ("site", "reply", "headers"): {"session"},
    ("site", "reply", "body"): {"session"},
    # Juice alone compares a card's code. It and the others know Seed by a key.
    ("juice", "request", "body"): {"code", "bank-card"},  # typed instead of a code: only Juice can tell that it is none
    ("juice", "request", "headers"): {"key"},
    ("cards", "request", "headers"): {"key"},
    ("sms", "request", "headers"): {"key"},
    # A system password is told by e-mail and SMS.
    ("mail", "request", "body"): {"password"},
    ("sms", "request", "body"): {"password"},
}
"""Which kinds of secrets may be on which wire, and where in what is said; all others nowhere."""


class Scanned(NamedTuple):
    """The portal after all that, and what to look for."""

    portal: Tapped
    lived: Lived
    secrets: list[str]
    persons: list[str]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanned]:
    with tapped(tmp_path_factory.mktemp("tapped")) as portal:
        lived = live(portal)
        demo = portal.demo
        used = (*lived.used, demo["utilities"][0]["accounts"][0]["number"])
        accounts = [
            each
            for u in demo["utilities"]
            for place, each in enumerate(u["accounts"])
            if place % SAMPLE == 0 or each["number"] in used
        ]
        secrets = [secret.text for secret in lived.secrets]
        secrets += [each["code"] for u in demo["utilities"] for each in u["cards"][::SAMPLE]]
        secrets += [each["password"] for u in demo["utilities"] for each in u["accounts"] if "password" in each]
        persons = [EMAIL, PHONE]
        for each in accounts:
            persons += [each["name"], each["address"], each["number"], *(meter["number"] for meter in each["meters"])]
            persons += [contact for contact in (each["email"], each["phone"]) if contact]
        yield Scanned(portal, lived, secrets, persons)
        assert portal.unexpected() == []


def said_where_it_must_not_be(portal: Tapped, secrets: list[Secret]) -> list[str]:
    """Each secret that was said on a wire at a place that is not its own; named by kind and place, not by itself."""
    return [
        f"{secret.kind} in the {part.part} of a {part.side} on the wire {part.wire}"
        for part in portal.parts
        for secret in secrets
        if secret.kind not in MAY_SAY.get((part.wire, part.side, part.part), ()) and found([secret.text], part.text)
    ]


class NoSecret:
    def test_stands_in_any_table(self, scanned: Scanned) -> None:
        leaks = {place[:3]: found(scanned.secrets, place[3]) for place in everything(scanned.portal.dsn)}
        assert {place: words for place, words in leaks.items() if words} == {}

    def test_stands_in_any_log(self, scanned: Scanned) -> None:
        for path in Path(scanned.portal.folder).glob("*.log"):
            assert found(scanned.secrets, path.read_text(errors="replace")) == [], path.name

    def test_stands_in_any_file_of_the_database(self, scanned: Scanned) -> None:
        """Not in the write-ahead log either, nor in a row that was deleted."""
        used = {secret.text.encode(): secret.kind for secret in scanned.lived.secrets}
        looked = 0
        for path in (path for path in (scanned.portal.folder / "postgres").rglob("*") if path.is_file()):
            content = path.read_bytes()
            looked += len(content)
            assert [kind for text, kind in used.items() if text in content] == [], path.name
        assert looked > 10_000_000

    def test_is_said_on_any_wire_but_where_it_has_to_be(self, scanned: Scanned) -> None:
        assert said_where_it_must_not_be(scanned.portal, scanned.lived.secrets) == []

    def test_was_missed_because_nothing_was_recorded(self, scanned: Scanned) -> None:
        """Each kind was heard at each of the places that it has."""
        heard = {
            (part.wire, part.side, part.part): secret.kind
            for part in scanned.portal.parts
            for secret in scanned.lived.secrets
            if found([secret.text], part.text)
        }
        assert {place for place, kinds in MAY_SAY.items() if kinds} == set(heard)
        assert any(part.text.startswith("POST /api/v1/webhooks/cards") for part in scanned.portal.parts if part.part == "target")
        assert any("seed_" in part.text for part in scanned.portal.parts if part.part == "body"), "the metrics were not looked at"


class NoCardNumber:
    def test_stands_in_any_table_or_log(self, scanned: Scanned) -> None:
        kept = {place[:3]: bank_cards(place[3]) for place in everything(scanned.portal.dsn)}
        kept |= {
            (path.name, "", ""): bank_cards(path.read_text("utf-8", "replace")) for path in scanned.portal.folder.glob("*.log")
        }
        assert {place: numbers for place, numbers in kept.items() if numbers} == {}

    def test_is_said_on_any_wire_but_by_whoever_typed_it(self, scanned: Scanned) -> None:
        said = {(part.wire, part.side, part.part) for part in scanned.portal.parts if bank_cards(part.text)}
        assert said == {place for place, kinds in MAY_SAY.items() if "bank-card" in kinds}


class NothingPersonal:
    def test_stands_in_the_log_of_events_or_in_any_column_that_is_not_listed_as_personal(self, scanned: Scanned) -> None:
        leaks = {
            (schema, table, column): found(scanned.persons, text)
            for schema, table, column, text in everything(scanned.portal.dsn)
            if (table, column) not in PERSONAL_COLUMNS
        }
        assert {place: words for place, words in leaks.items() if words} == {}

    def test_stands_in_the_columns_that_are(self, scanned: Scanned) -> None:
        """Were nothing found here either, the scan would be blind."""
        seen = [
            place[:3]
            for place in everything(scanned.portal.dsn)
            if (place[1], place[2]) in PERSONAL_COLUMNS and found(scanned.persons, place[3])
        ]
        met = {column for _, _, column in seen}
        assert met <= {column for _, column in PERSONAL_COLUMNS}
        assert {"name", "address", "contacts", "meters", "number"} <= met

    def test_stands_in_any_log(self, scanned: Scanned) -> None:
        for path in Path(scanned.portal.folder).glob("*.log"):
            assert found(scanned.persons, path.read_text(errors="replace")) == [], path.name

    def test_is_told_to_the_provider_of_card_payments(self, scanned: Scanned) -> None:
        """Whose payment it is, it knows by an id."""
        told = [found(scanned.persons, part.text) for part in scanned.portal.parts if part.wire == "cards"]
        assert told and not any(told)


class TheScan:
    def test_finds_what_is_said_where_it_must_not_be(self) -> None:
        password = Secret("password", OWN_PASSWORD)
        planted = Part("site", "request", "target", f"GET /login?password={OWN_PASSWORD}")

        class Leaking:
            parts = [planted]

        assert said_where_it_must_not_be(Leaking(), [password]) != []  # type: ignore[arg-type]

    def test_finds_a_card_number(self) -> None:
        assert bank_cards('{"number": "4242424242424242"}') and not bank_cards('{"number": "4242424242424243"}')
