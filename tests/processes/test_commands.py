"""What auditors and operators type, on the whole running portal."""

from __future__ import annotations

import json
import shlex
import subprocess

import psycopg
import pytest

from projections.registry import all_projections
from tests.projections.test_read_models import dump
from tests.running import ROOT, SEED

READ_MODELS = {
    projection.name: [table.name for table in projection.tables] for projection in all_projections(lambda purpose, message: b"")
}


@pytest.fixture
def seed(running_portal):
    def run(*words, code=0):
        done = subprocess.run(
            [*SEED, *words], env=running_portal.environment, cwd=ROOT, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr

    return run


@pytest.fixture
def account(running_portal):
    return running_portal.demo["utilities"][0]["accounts"][2]


class SeedHistory:
    def test_shows_everything_that_happened_and_what_it_came_to(self, seed, account):
        told = seed("history", account["number"])
        assert "AccountOpened" in told.splitlines()[0]
        assert account["name"] in told and account["address"] in told
        assert "juice" in told and "verifier" not in told and "slow_hash" not in told

    def test_finds_an_account_by_its_meter_too(self, seed, account):
        def told(number):
            """Less who read it: each reading is recorded, in the history itself."""
            return [line for line in seed("history", number).splitlines() if " HistoryRead " not in line]

        assert told(account["meter"]) == told(account["number"])

    def test_leaves_out_what_happened_later(self, seed, account):
        assert "Nothing had happened" in seed("history", account["number"], "--as-of", "2020-01-01")

    def test_gives_json_lines_for_programs(self, seed, account):
        lines = [json.loads(line) for line in seed("history", account["number"], "--json").splitlines()]
        assert lines[0]["event"] == "account-opened"
        assert [line["position"] for line in lines] == sorted(line["position"] for line in lines)

    def test_says_in_one_line_what_it_does_not_know(self, seed):
        assert seed("history", "99999999", code=1).count("\n") == 1
        assert seed("history", "1", "--utility", "nowhere", code=1).count("\n") == 1


class SeedRebuild:
    @pytest.mark.parametrize("name", READ_MODELS)
    def test_gives_the_live_read_model_byte_for_byte(self, running_portal, seed, name):
        schemas = [f"u_{utility['code']}" for utility in running_portal.demo["utilities"]]

        def dumps():
            return {(schema, table): dump(running_portal.dsn, schema, table) for schema in schemas for table in READ_MODELS[name]}

        before = dumps()
        seed("rebuild", name)
        assert dumps() == before

    def test_shows_what_differs_and_switches_once_that_was_accepted_in_its_own_words(self, running_portal, seed, account):
        schema = f"u_{running_portal.demo['utilities'][0]['code']}"
        before = dump(running_portal.dsn, schema, "dashboard")
        with psycopg.connect(running_portal.dsn) as connection:
            connection.execute(
                f"UPDATE {schema}.dashboard SET language_told = 'xx', name = 'Mallory' WHERE number = %s", [account["number"]]
            )
        told = seed("rebuild", "dashboard", "--full-speed", code=1)
        assert "1 row of dashboard differs in name, language_told." in told and "language_told xx → en" in told
        assert "Mallory" not in told and account["name"] not in told
        assert "not what differs" in seed("rebuild", "dashboard", "--accept", "2 rows of dashboard differ", code=1)
        (typed,) = [line for line in told.splitlines() if line.startswith("  seed rebuild")]
        assert "--full-speed" in typed and "with what was accepted" in seed(*shlex.split(typed)[1:])
        assert dump(running_portal.dsn, schema, "dashboard") == before

    def test_killed_before_the_switch_goes_on_where_it_was(self, running_portal, seed):
        code = running_portal.demo["utilities"][0]["code"]
        schema = f"u_{code}"
        before = dump(running_portal.dsn, schema, "activity")
        with psycopg.connect(running_portal.dsn, autocommit=True) as looking, psycopg.connect(running_portal.dsn) as reading:
            reading.execute(f"SELECT 1 FROM {schema}.activity")  # the switch waits for whoever reads
            killed = subprocess.Popen([*SEED, "rebuild", "activity", "--utility", code], env=running_portal.environment, cwd=ROOT)
            built = f"SELECT position FROM {schema}.tracking WHERE name = 'rebuild:activity'"
            while not looking.execute("SELECT 1 FROM pg_class WHERE relname = 'activity__next_touched'").fetchall():
                assert killed.poll() is None
            killed.kill()
            killed.wait()
            assert looking.execute(built).fetchall()
        assert "no difference; switched" in seed("rebuild", "activity", "--utility", code)
        assert dump(running_portal.dsn, schema, "activity") == before

    def test_knows_only_the_read_models_there_are(self, seed):
        assert "dashboard" in seed("rebuild", "nonsense", code=1)


class SeedParked:
    @pytest.fixture
    def left_out(self, running_portal, account):
        """The dashboard of an account lacks its address, since an event could not be taken; gone with the test."""
        code = running_portal.demo["utilities"][0]["code"]
        with psycopg.connect(running_portal.dsn, autocommit=True) as connection:
            found = connection.execute(
                f"SELECT account_id FROM u_{code}.dashboard WHERE number = %s", [account["number"]]
            ).fetchone()
            connection.execute(f"UPDATE u_{code}.dashboard SET address = '' WHERE account_id = %s", found)
            connection.execute(
                f"INSERT INTO u_{code}.parked (follower, originator_id, position, reason) VALUES ('dashboard', %s, 1, %s)",
                [found[0], "KeyError at AccountDetailsChanged"],
            )
            yield code, str(found[0])
            connection.execute(f"DELETE FROM u_{code}.parked")

    def test_lists_what_is_left_out_skips_it_with_a_reason_and_tries_it_again(self, running_portal, seed, left_out, account):
        code, aggregate = left_out
        before = seed("parked", "--utility", code, code=1)
        assert f"{code}: dashboard leaves out {aggregate}" in before
        assert "from position 1 on, since " in before and "KeyError at AccountDetailsChanged" in before
        assert "says nothing" in seed("parked", "skip", "dashboard", aggregate, "--reason", " ", code=1)
        assert "does not leave out" in seed("parked", "skip", "sales", aggregate, "--reason", "closed", code=1)
        assert "in the log" in seed("parked", "skip", "dashboard", aggregate, "--reason", "closed in 2019")
        assert "decided before" in seed("parked", "skip", "dashboard", aggregate, "--reason", "closed in 2019")
        with psycopg.connect(running_portal.dsn) as connection:
            told = connection.execute(f"SELECT reason, skipped_by FROM u_{code}.skipped").fetchall()
        assert [(reason, by.partition(":")[0]) for reason, by in told] == [("closed in 2019", "operator")]
        assert "closed in 2019" in seed("parked", "--utility", code)
        differs = seed("parked", "retry", "dashboard", code=1)
        assert "1 row of dashboard differs in address." in differs and account["address"] not in differs
        (typed,) = [line for line in differs.splitlines() if line.startswith("  seed parked retry")]
        seed(*shlex.split(typed)[1:])
        assert seed("parked", "--utility", code) == f"{code}: nothing is left out.\n"
        with psycopg.connect(running_portal.dsn) as connection:
            shown = connection.execute(f"SELECT address FROM u_{code}.dashboard WHERE account_id = %s", [aggregate]).fetchone()
        assert shown == (account["address"],)

    def test_takes_what_is_accepted_for_one_read_model_alone(self, seed):
        assert "--accept goes with NAME" in seed("parked", "retry", "--accept", "x", code=2)


class SeedRelease:
    def test_changes_nothing_when_it_is_run_again(self, running_portal, seed):
        def positions():
            with psycopg.connect(running_portal.dsn) as connection:
                schemas = [f"u_{utility['code']}" for utility in running_portal.demo["utilities"]]
                return [connection.execute(f"SELECT count(*) FROM {schema}.events").fetchone() for schema in schemas]

        before = positions()
        seed("release")
        assert positions() == before
