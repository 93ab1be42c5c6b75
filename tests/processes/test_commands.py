"""What auditors and operators type, on the whole running portal."""

from __future__ import annotations

import json
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
        return done.stdout if code == 0 else done.stderr

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

    def test_knows_only_the_read_models_there_are(self, seed):
        assert "dashboard" in seed("rebuild", "nonsense", code=1)


class SeedRelease:
    def test_changes_nothing_when_it_is_run_again(self, running_portal, seed):
        def positions():
            with psycopg.connect(running_portal.dsn) as connection:
                schemas = [f"u_{utility['code']}" for utility in running_portal.demo["utilities"]]
                return [connection.execute(f"SELECT count(*) FROM {schema}.events").fetchone() for schema in schemas]

        before = positions()
        seed("release")
        assert positions() == before
