"""What an analyst's role in the database can do, tried with a raw connection; and what it cannot."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from cli.release import create_utility
from eventlog.secrets import UtilitySecrets
from projections.analysis_views import VIEWS
from projections.analysts import (
    AnalystExists,
    NameNotUsable,
    NoSuchAnalyst,
    add_analyst,
    analysts_of,
    left_open,
    remove_analyst,
)
from projections.long_readers import LongReaders
from projections.rebuild import Rebuild
from projections.registry import all_projections
from tests.domain.scenario import NOON
from tests.projections.lives import live
from tests.utility import MASTER, OpenUtility

PERSONAL = ("Holder 1", "Acacia Road", "@example.org", "+2782")


@dataclass
class Reader:
    """An analyst of the utility `test`, beside whom there is the utility `other`."""

    utility: OpenUtility
    role: str
    dsn: str

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.dsn, autocommit=True)

    def rows(self, query: str, parameters=None) -> list:
        with self.connect() as connection:
            return connection.execute(query, parameters).fetchall()


@pytest.fixture
async def reader(utility):
    await asyncio.gather(*(live(utility.portal, number) for number in ("1001", "1002")))
    await utility.project()
    with psycopg.connect(utility.dsn, autocommit=True) as connection:
        create_utility(connection, "other", 1, UtilitySecrets(MASTER, "other"))
        for view in VIEWS:  # another utility's figures, to be kept from this one's analyst
            connection.execute(
                f"INSERT INTO u_other.{view.table.name} SELECT * FROM u_test.{view.table.name} ON CONFLICT DO NOTHING"
            )
        role, password = add_analyst(connection, os.urandom, code="test", schema="u_test", name="ann", now=NOON)
        try:
            yield Reader(utility, role, make_conninfo(utility.dsn, user=role, password=password))
        finally:
            if analysts_of(connection, "test"):
                remove_analyst(connection, code="test", name="ann")


def relations(dsn: str) -> list[tuple[str, str]]:
    """Every table, view and sequence there is, system catalogues included."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'v', 'm', 'p', 'S', 'f', 't')"
        ).fetchall()


FORBIDDEN = (
    "INSERT INTO analysis_sales DEFAULT VALUES",
    "UPDATE analysis_sales SET amount = 0",
    "DELETE FROM analysis_sales",
    "SELECT * FROM analysis_sales FOR UPDATE",
    "TRUNCATE analysis_sales",
    "DROP VIEW analysis_sales",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE TABLE mine (id int)",
    "CREATE TABLE public.mine (id int)",
    "CREATE TEMPORARY TABLE mine (id int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1",
    "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql RETURN 1",
    "CREATE SCHEMA mine",
    "CREATE ROLE mine",
    "SET ROLE seed",
    "SET SESSION AUTHORIZATION seed",
    "DO $$ BEGIN PERFORM 1; END $$",
    "COPY analysis_sales TO PROGRAM 'cat'",
    "COPY (SELECT 1) TO '/tmp/mine'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_create(0)",
    "SELECT pg_current_xact_id()",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_notify('u_test', '')",
    "SELECT pg_logical_emit_message(true, 'a', 'b')",
    "SELECT nextval('u_test.events_notification_id_seq')",
    "LOCK TABLE u_test.events IN ACCESS SHARE MODE",
    "ALTER ROLE seed SET statement_timeout = 0",
)
"""What no analyst may do."""

OWN = {("u_test", view.name) for view in VIEWS}


class AnAnalystsRole:
    def test_reads_every_view_of_its_own_utility_by_its_short_name(self, reader):
        for view in VIEWS:
            assert reader.rows(f"SELECT * FROM {view.name}"), view.name
            reader.rows(view.example)

    def test_reads_nothing_else_there_is_but_the_catalogue(self, reader):
        tried = 0
        with reader.connect() as connection:
            for schema, name in relations(reader.utility.dsn):
                if schema in ("pg_catalog", "information_schema") or (schema, name) in OWN:
                    continue
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql.SQL("SELECT * FROM {} LIMIT 1").format(sql.Identifier(schema, name)))
                tried += 1
        assert tried > 60

    def test_finds_nothing_of_a_person_in_any_catalogue(self, reader):
        tried = 0
        with psycopg.connect(reader.utility.dsn, autocommit=True) as connection:
            connection.execute("ANALYZE")  # the planner's statistics quote values
        with reader.connect() as connection:
            for schema, name in relations(reader.utility.dsn):
                if schema not in ("pg_catalog", "information_schema"):
                    continue
                query = sql.SQL("SELECT row::text FROM {} AS row").format(sql.Identifier(schema, name))
                try:
                    rows = connection.execute(query).fetchall()
                except psycopg.Error:
                    continue
                tried += 1
                told = [row[0] for row in rows if any(mark in row[0] for mark in PERSONAL)]
                assert not told, (schema, name)
        assert tried > 100

    def test_reads_no_passwords_of_the_server(self, reader):
        for name in ("pg_authid", "pg_shadow", "pg_statistic", "pg_user_mapping", "pg_hba_file_rules", "pg_file_settings"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.rows(f"SELECT * FROM pg_catalog.{name}")

    def test_is_shown_its_own_views_alone_by_the_information_schema(self, reader):
        for name in ("tables", "columns", "table_privileges", "column_privileges"):
            shown = reader.rows(
                f"SELECT DISTINCT table_schema, table_name FROM information_schema.{name}"
                " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
            )
            assert set(shown) == OWN, name

    def test_cannot_write_nor_hold_anything_even_where_it_lifts_its_own_limits(self, reader):
        allowed = []
        with reader.connect() as connection:
            connection.execute("SET default_transaction_read_only = off")
            for statement in FORBIDDEN:
                try:
                    with connection.transaction():
                        connection.execute(statement)
                except psycopg.errors.InsufficientPrivilege:
                    continue
                except psycopg.errors.WrongObjectType:  # no view can be truncated, whoever asks
                    assert statement.startswith("TRUNCATE")
                    continue
                allowed.append(statement)
        assert not allowed

    def test_is_held_to_its_limits_by_default(self, reader):
        for name, value in (
            ("default_transaction_read_only", "on"),
            ("statement_timeout", "1min"),
            ("transaction_timeout", "2min"),
        ):
            assert reader.rows("SELECT current_setting(%s)", [name]) == [(value,)]

    def test_opens_no_more_than_a_few_sessions(self, reader):
        held = [reader.connect() for _ in range(4)]
        with pytest.raises(psycopg.OperationalError, match="too many connections"):
            reader.connect()
        for connection in held:
            connection.close()

    def test_belongs_to_no_other_role_and_has_nothing_left_open(self, reader):
        assert reader.rows("SELECT r.rolname FROM pg_roles r WHERE pg_has_role(current_user, r.oid, 'MEMBER')") == [
            (reader.role,)
        ]
        with psycopg.connect(reader.utility.dsn) as connection:
            assert [line for line in left_open(connection, reader.role) if "CONNECT" not in line] == []

    def test_goes_on_reading_after_every_read_model_was_rebuilt(self, reader):
        before = {view.name: sorted(reader.rows(f"SELECT * FROM {view.name}")) for view in VIEWS}
        for projection in all_projections(reader.utility.secrets.mac):
            asyncio.run(Rebuild(reader.utility.dsn, reader.utility.log, projection, lambda position, count: None).run())
        assert {view.name: sorted(reader.rows(f"SELECT * FROM {view.name}")) for view in VIEWS} == before


class ARemovedAnalyst:
    def test_is_out_at_once_and_leaves_no_role_behind(self, reader):
        open_session = reader.connect()
        with psycopg.connect(reader.utility.dsn, autocommit=True) as connection:
            remove_analyst(connection, code="test", name="ann")
            assert connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [reader.role]).fetchall() == []
            with pytest.raises(NoSuchAnalyst):
                remove_analyst(connection, code="test", name="ann")
        with pytest.raises(psycopg.OperationalError):
            open_session.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            reader.connect()


class AnAnalystsName:
    def test_is_plain_and_taken_once(self, reader):
        with psycopg.connect(reader.utility.dsn, autocommit=True) as connection:
            with pytest.raises(AnalystExists):
                add_analyst(connection, os.urandom, code="test", schema="u_test", name="ann", now=NOON)
            for name in ("", "Ann", "ann lee", 'x"; DROP', "1a", "a" * 24):
                with pytest.raises(NameNotUsable):
                    add_analyst(connection, os.urandom, code="test", schema="u_test", name=name, now=NOON)


class ATransactionThatStaysOpen:
    async def test_is_ended_although_the_analyst_lifted_every_limit(self, reader):
        watch = LongReaders(reader.utility.pool, "test", longest=timedelta(0))
        assert await watch.step() == 0
        connection = reader.connect()
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.execute("SET default_transaction_read_only = off")
        connection.execute("BEGIN")
        connection.execute(f"ALTER ROLE {reader.role} SET work_mem = '4MB'")  # writes, and so holds back every follower
        assert await watch.step() == 1
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")

    async def test_does_not_stop_a_rebuild_for_longer_than_it_is_open(self, reader):
        connection = reader.connect()
        connection.execute("BEGIN")
        connection.execute("SELECT * FROM analysis_sales")
        projection = next(each for each in all_projections(reader.utility.secrets.mac) if each.name == "sales")
        rebuild = asyncio.create_task(
            Rebuild(reader.utility.dsn, reader.utility.log, projection, lambda position, count: None).run()
        )
        done, _ = await asyncio.wait([rebuild], timeout=1.5)
        assert not done
        await live(reader.utility.portal, "1003")
        await reader.utility.project()  # the live read models go on meanwhile
        connection.execute("COMMIT")
        await rebuild
        assert reader.rows("SELECT sum(transactions) FROM analysis_sales") == [(12,)]
