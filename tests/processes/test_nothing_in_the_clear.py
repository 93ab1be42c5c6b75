"""A scan of everything that is kept and written: no password, no code, and nothing personal where it should not be."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from projections.registry import all_projections
from tests.processes.caller import PASSWORD, Caller, fresh
from tests.processes.people import sellable, spare_cards

SAMPLE = 8
"""One in so many of the demo's accounts and cards is looked for, and all that the test itself used."""

PERSONAL_COLUMNS = {
    (table.name, column.name)
    for projection in all_projections(lambda purpose, message: b"")
    for table in projection.tables
    for column in table.columns
    if column.personal
}


def everything(dsn):
    """Each column of each table of the product, with all it holds as one text."""
    with psycopg.connect(dsn) as connection:
        columns = connection.execute(
            "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema LIKE 'u\\_%%' OR table_schema = 'seed' ORDER BY 1, 2, ordinal_position"
        ).fetchall()
        for schema, table, column, kind in columns:
            form = "encode({0}, 'escape')" if kind == "bytea" else "{0}::text"
            query = sql.SQL("SELECT string_agg(" + form + ", ' ') FROM {1}").format(
                sql.Identifier(column), sql.Identifier(schema, table)
            )
            yield schema, table, column, connection.execute(query).fetchone()[0] or ""


@pytest.fixture(scope="module")
def lived(running_portal):
    """The portal after somebody got a password and redeemed a card; with what must be found nowhere."""
    demo = running_portal.demo
    utility = demo["utilities"][0]
    caller, account = Caller(demo), fresh(utility)
    card = spare_cards(utility, 80)[0]
    caller.confirm(account, "somebody.new@clear.example", "+27831119999")
    password = PASSWORD.search(caller.messages("somebody.new@clear.example")[-1]["text"])[0]
    session = caller.post("/session", number=account["number"], password=password).json()["token"]
    body = {"serial": card["serial"], "code": card["code"], "number": sellable(utility)[9]}
    assert caller.client.post("/redemptions", json=body, headers={"Idempotency-Key": "scan-" + card["serial"]}).status_code == 202
    used = (account["number"], utility["accounts"][0]["number"])
    accounts = [
        each
        for u in demo["utilities"]
        for place, each in enumerate(u["accounts"])
        if place % SAMPLE == 0 or each["number"] in used
    ]
    secrets = [password, password.replace("-", ""), session, card["code"]]
    secrets += [each["code"] for u in demo["utilities"] for each in u["cards"][::SAMPLE]]
    secrets += [each["password"] for u in demo["utilities"] for each in u["accounts"] if "password" in each]
    secrets += list(demo["keys"].values())
    persons = ["somebody.new@clear.example", "+27831119999"]
    for each in accounts:
        persons += [each["name"], each["address"], each["number"], *(meter["number"] for meter in each["meters"])]
        persons += [contact for contact in (each["email"], each["phone"]) if contact]
    return running_portal, secrets, persons


def found(words, text):
    """Those of the words that stand in the text; seven digits inside a token, an id or a seal are there by chance."""
    return [word for word in words if word in text and (not word.isdigit() or stands_alone(word, text))]


def stands_alone(number, text):
    return re.search(rf"(?<![0-9A-Za-z+/=]){number}(?![0-9A-Za-z+/=])", text) is not None


class NoSecret:
    def test_stands_in_any_table(self, lived):
        portal, secrets, _ = lived
        leaks = {place[:3]: found(secrets, place[3]) for place in everything(portal.dsn)}
        assert {place: words for place, words in leaks.items() if words} == {}

    def test_stands_in_any_log(self, lived):
        portal, secrets, _ = lived
        for path in Path(portal.folder).glob("*.log"):
            assert found(secrets, path.read_text(errors="replace")) == [], path.name


class NothingPersonal:
    def test_stands_in_the_log_of_events_or_in_any_column_that_is_not_listed_as_personal(self, lived):
        portal, _, persons = lived
        leaks = {
            (schema, table, column): found(persons, text)
            for schema, table, column, text in everything(portal.dsn)
            if (table, column) not in PERSONAL_COLUMNS
        }
        assert {place: words for place, words in leaks.items() if words} == {}

    def test_stands_in_the_columns_that_are(self, lived):
        """Were nothing found here either, the scan would be blind."""
        portal, _, persons = lived
        seen = [
            place[:3] for place in everything(portal.dsn) if (place[1], place[2]) in PERSONAL_COLUMNS and found(persons, place[3])
        ]
        met = {column for _, _, column in seen}
        assert met <= {column for _, column in PERSONAL_COLUMNS}
        assert {"name", "address", "contacts", "meters", "number"} <= met

    def test_stands_in_any_log(self, lived):
        portal, _, persons = lived
        for path in Path(portal.folder).glob("*.log"):
            assert found(persons, path.read_text(errors="replace")) == [], path.name
