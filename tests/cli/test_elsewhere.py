"""Commands that are given where no Seed is, or where it does not run: they say so at once, and leave nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
COMMANDS = {"history": ["history", "1001"], "rebuild": ["rebuild", "dashboard"], "release": ["release"]}
AT_ONCE = 30
"""Seconds; half of what a service waits for its stand-ins."""


def said(command: list[str], folder: Path, **settings: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli", *command],
        env={"PYTHONPATH": str(ROOT), **settings},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=AT_ONCE,
    )
    assert done.returncode == 1
    return done.stderr


class ACommandInAnotherFolder:
    @pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
    def test_names_the_folder_it_misses_and_the_setting(self, tmp_path, command):
        assert said(command, tmp_path) == (
            f"seed: There is no Seed in {tmp_path}/.seed: go where `seed run` was started, or set SEED_DATA_DIR to its folder.\n"
        )
        assert not list(tmp_path.iterdir())


class ACommandWhereSeedDoesNotRun:
    @pytest.mark.parametrize("name", ["history", "rebuild"])
    def test_names_the_stand_in_that_is_not_there(self, tmp_path, name):
        assert said(COMMANDS[name], tmp_path, SEED_DATA_DIR=str(tmp_path)) == (
            f"seed: {tmp_path}/juice.ready is missing: start everything with `seed run`, or set SEED_UTILITIES.\n"
        )

    @pytest.mark.parametrize("name", ["history", "rebuild"])
    def test_names_the_database_that_does_not_run(self, tmp_path, name):
        (tmp_path / "juice.ready").write_text('{"url": "http://127.0.0.1:1", "utilities": [{"code": "a", "key": "k"}]}')
        (tmp_path / "cards.ready").write_text(
            '{"url": "http://127.0.0.1:1", "utilities": [{"code": "a", "key": "k", "webhook_secret": "s"}]}'
        )
        assert said(COMMANDS[name], tmp_path, SEED_DATA_DIR=str(tmp_path)) == (
            f"seed: PostgreSQL in {tmp_path} does not run: start everything with `seed run`.\n"
        )

    @pytest.mark.parametrize("name", ["history", "rebuild"])
    def test_names_the_setting_of_a_database_that_does_not_answer(self, tmp_path, name):
        settings = {
            "DATABASE_URL": "postgresql://nobody:hunter2@127.0.0.1:1/nothing",
            "SEED_UTILITIES": "blue",
            "SEED_UTILITY_BLUE_JUICE_URL": "http://127.0.0.1:1",
            "SEED_UTILITY_BLUE_JUICE_KEY": "key",
        }
        told = said(COMMANDS[name], tmp_path, **settings)
        assert "is DATABASE_URL right?" in told and told.count("\n") == 1 and "hunter2" not in told
