"""The schemas a release makes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from eventlog import control_tables, utility_tables
from eventlog.control_tables import CONTROL_SCHEMA
from eventlog.schema import (
    VERSION,
    SchemaIsNewer,
    SchemaNameInvalid,
    create_control_schema,
    create_utility_schema,
)

ALL_TABLES = {CONTROL_SCHEMA: control_tables.TABLES, "u_one": utility_tables.TABLES}


@pytest.fixture
def released(empty_database: str) -> str:
    release(empty_database)
    return empty_database


def release(database: str) -> None:
    with psycopg.connect(database) as connection:
        create_control_schema(connection)
        create_utility_schema(connection, "u_one")


def rows(database: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(query.encode()).fetchall()


class ASchema:
    def test_is_left_as_it_is_by_the_next_release(self, released: str) -> None:
        with psycopg.connect(released) as connection:
            connection.execute("INSERT INTO u_one.tracking (name, position) VALUES ('dashboard', 7)")
        release(released)
        assert rows(released, "SELECT name, position FROM u_one.tracking") == [("dashboard", 7)]
        assert rows(released, "SELECT version FROM u_one.schema_version") == [(VERSION,)]

    def test_of_the_version_before_gets_what_it_lacks_and_keeps_what_it_has(self, released: str) -> None:
        with psycopg.connect(released) as connection:
            connection.execute("INSERT INTO u_one.tracking (name, position) VALUES ('dashboard', 7)")
            for name in ("mark", "events", "batch", "moved_at"):
                connection.execute(f"ALTER TABLE u_one.tracking DROP COLUMN {name}".encode())
            connection.execute("UPDATE u_one.schema_version SET version = 1")
        release(released)
        assert rows(released, "SELECT name, position, mark, events, batch FROM u_one.tracking") == [("dashboard", 7, 0, 0, 0)]
        assert rows(released, "SELECT version FROM u_one.schema_version") == [(VERSION,)]

    def test_is_made_once_however_many_releases_run_at_once(self, empty_database: str) -> None:
        with ThreadPoolExecutor(6) as releases:
            list(releases.map(lambda _: release(empty_database), range(6)))
        assert rows(empty_database, "SELECT version FROM u_one.schema_version") == [(VERSION,)]

    def test_of_a_newer_version_is_refused(self, released: str) -> None:
        with psycopg.connect(released) as connection:
            connection.execute("UPDATE u_one.schema_version SET version = %s", [VERSION + 1])
        with pytest.raises(SchemaIsNewer, match="u_one"):
            release(released)

    @pytest.mark.parametrize("name", ["one", "u_", "u_One", "u_one; drop", 'u_"x', "u_" + "x" * 61])
    def test_with_a_wrong_name_is_refused(self, name: str, empty_database: str) -> None:
        with psycopg.connect(empty_database) as connection, pytest.raises(SchemaNameInvalid):
            create_utility_schema(connection, name)

    def test_can_be_moved_between_servers(self, released: str) -> None:
        """What logical replication and Citus ask for: a primary key on each table, and nothing that ties schemas together."""
        without_key = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('seed', 'u_one')"
        without_key += " AND oid NOT IN (SELECT conrelid FROM pg_constraint WHERE contype = 'p')"
        assert rows(released, without_key) == []
        assert rows(released, "SELECT conname FROM pg_constraint WHERE contype = 'f'") == []
        assert rows(released, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal") == []
        assert rows(released, "SELECT DISTINCT seqcache FROM pg_sequence") == [(1,)]

    def test_holds_no_number_that_could_run_out(self, released: str) -> None:
        narrow = "SELECT table_name, column_name FROM information_schema.columns"
        narrow += " WHERE table_schema IN ('seed', 'u_one') AND data_type IN ('smallint', 'integer')"
        assert rows(released, narrow) == []

    def test_says_what_each_column_means(self, released: str) -> None:
        silent = "SELECT attrelid::regclass, attname FROM pg_attribute WHERE attnum > 0 AND attrelid IN"
        silent += " (SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('seed', 'u_one'))"
        silent += " AND col_description(attrelid, attnum) IS NULL"
        assert rows(released, silent) == []

    @pytest.mark.parametrize("schema", ALL_TABLES)
    def test_holds_the_tables_that_are_written_down(self, released: str, schema: str) -> None:
        found = rows(released, f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}'")
        assert {name for (name,) in found} == {table.name for table in ALL_TABLES[schema]} | {"schema_version"}
