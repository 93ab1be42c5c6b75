"""`seed release` on databases of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg

ROOT = Path(__file__).parent.parent.parent


def release(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SEED_DATA_DIR": str(folder), **settings}
    command = [sys.executable, "-m", "cli", "release"]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def tables(dsn: str, schema: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
        return {row[0] for row in connection.execute(query, [schema])}


class ARelease:
    def test_makes_a_schema_for_each_utility_and_one_for_the_deployment(self, empty_database: str, tmp_path: Path) -> None:
        assert release(tmp_path, DATABASE_URL=empty_database).returncode == 0
        assert "sessions" in tables(empty_database, "seed")
        for code in ("harbour", "lakeside"):
            assert {"events", "dashboard", "deliveries", "vending_work"} <= tables(empty_database, f"u_{code}")

    def test_makes_the_table_of_keys_in_a_database_of_their_own(self, database: str, empty_database: str, tmp_path: Path) -> None:
        done = release(tmp_path, DATABASE_URL=database, SEED_KEYS_DATABASE_URL=empty_database)
        assert done.returncode == 0, done.stderr
        assert "account_keys" in tables(empty_database, "u_harbour")
        assert "events" not in tables(empty_database, "u_harbour")

    def test_may_be_run_by_several_at_once(self, empty_database: str, tmp_path: Path) -> None:
        environment = {**os.environ, "SEED_DATA_DIR": str(tmp_path), "DATABASE_URL": empty_database}
        command = [sys.executable, "-m", "cli", "release"]
        started = [subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(4)]
        assert [(process.wait(60), process.stderr.read()) for process in started if process.stderr] == [(0, b"")] * 4
