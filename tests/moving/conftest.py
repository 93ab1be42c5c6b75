"""Two real servers, and a utility that is used while it moves between them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eventlog.addresses import SealedAddress
from eventlog.embedded import EmbeddedServer
from tests.eventlog.scenes import secrets
from tests.moving.mover import SEEN
from tests.pg import ROOT, UTILITY_SCHEMA, cloned, served


@pytest.fixture(scope="module")
def second_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """Another server than the one all tests share."""
    with served(tmp_path_factory.mktemp("second"), durable=False) as server:
        yield server


@pytest.fixture
def elsewhere(second_server: EmbeddedServer) -> Iterator[str]:
    """The DSN of an empty database on another server."""
    for dsn in cloned(second_server.dsn, "template0"):
        yield dsn
        forget_replication(dsn)


class Moving:
    """One utility, its home, and another server; processes that write and follow meanwhile."""

    def __init__(self, home: str, elsewhere: str, folder: Path) -> None:
        self.home = home
        self.elsewhere = elsewhere
        self._folder = folder
        self._writers: list[subprocess.Popen[bytes]] = []
        self._followers: list[subprocess.Popen[bytes]] = []

    def use(self, *, writers: int = 2, in_each: int = 4) -> None:
        """This will have processes write, and one follow."""
        for number in range(writers):
            self._writers.append(self._started("tests.moving.writer", self.home, str(in_each), str(self._notes(number))))
        self._followers.append(self._started("tests.moving.follower", self.home))

    def move(self, what: str, to: str = "-", *, killed_after: str = "none") -> list[str]:
        """This will run a mover, and give its steps."""
        ran = subprocess.run(
            [sys.executable, "-m", "tests.moving.mover", self.home, what, to, killed_after],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert ran.returncode == (0 if killed_after == "none" else -9), ran.stdout + ran.stderr
        return ran.stdout.splitlines()

    def acknowledged(self) -> tuple[int, float]:
        """This will give how many events were acknowledged so far, and the last moment of it."""
        notes = [line.split() for number in range(len(self._writers)) for line in self._lines(number)]
        return sum(int(note[1]) for note in notes), max((float(note[3]) for note in notes), default=0.0)

    def longest_gap(self, begun: float = 0.0) -> float:
        """This will give the longest time, in seconds, in which no command was acknowledged at all."""
        moments = sorted(float(line.split()[3]) for number in range(len(self._writers)) for line in self._lines(number))
        moments = [moment for moment in moments if moment >= begun]
        return max((after - before for before, after in zip(moments, moments[1:], strict=False)), default=0.0)

    def rest(self) -> None:
        """This will have the writers end after the command that they are at."""
        for writer in self._writers:
            assert writer.poll() is None, "a writer ended by itself"
            writer.communicate()
            assert writer.returncode == 0

    def stop(self) -> None:
        """This will end every process."""
        for process in (*self._writers, *self._followers):
            process.kill()
            process.wait()

    def lives(self) -> str:
        """This will give the address at which the utility lives."""
        with psycopg.connect(self.home) as connection:
            row = connection.execute("SELECT address FROM seed.addresses WHERE code = 'test'").fetchone()
        return (SealedAddress(secrets(), "test").unseal(row[0]) if row else None) or self.home

    def stage(self) -> str | None:
        """This will give the move's stage."""
        with psycopg.connect(self.home) as connection:
            row = connection.execute("SELECT stage FROM seed.addresses WHERE code = 'test'").fetchone()
        return row[0] if row else None

    def count(self, query: str, dsn: str | None = None) -> int:
        """This will ask where the utility lives, or elsewhere."""
        with psycopg.connect(dsn or self.lives()) as connection:
            row = connection.execute(query.format(schema=UTILITY_SCHEMA)).fetchone()  # type: ignore[arg-type]
        return int(row[0] or 0) if row else 0

    def list(self, query: str) -> list[int]:
        """This will ask where the utility lives."""
        with psycopg.connect(self.lives()) as connection:
            return [row[0] for row in connection.execute(query.format(schema=UTILITY_SCHEMA)).fetchall()]  # type: ignore[arg-type]

    def left_at(self, dsn: str) -> list[str]:
        """This will name what a move has left there."""
        with psycopg.connect(dsn) as connection:
            return [
                row[0]
                for row in connection.execute(
                    "SELECT slot_name::text FROM pg_replication_slots WHERE database = current_database()"
                    " UNION ALL SELECT subname::text FROM pg_subscription JOIN pg_database ON pg_database.oid = subdbid"
                    " WHERE datname = current_database() UNION ALL SELECT pubname::text FROM pg_publication"
                    " UNION ALL SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal"
                    " UNION ALL SELECT relname::text FROM pg_class WHERE relname = 'move_marks'"
                ).fetchall()
            ]

    def _notes(self, number: int) -> Path:
        return self._folder / f"writer-{number}"

    def _lines(self, number: int) -> list[str]:
        text = self._notes(number).read_text()
        return text[: text.rfind("\n") + 1].splitlines()

    def _started(self, *command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        return process


@pytest.fixture
def moving(database: str, elsewhere: str, tmp_path: Path) -> Iterator[Moving]:
    """The utility `test`, empty, at home; a server beside it."""
    with psycopg.connect(database) as connection:
        connection.execute(SEEN)
    moving = Moving(database, elsewhere, tmp_path)
    yield moving
    moving.stop()
    forget_replication(database)


def forget_replication(dsn: str) -> None:
    """This will have a database hold nothing that keeps it from being dropped."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        names: list[Any] = connection.execute(
            "SELECT subname FROM pg_subscription JOIN pg_database ON pg_database.oid = subdbid WHERE datname = current_database()"
        ).fetchall()
        for (name,) in names:
            connection.execute(f"ALTER SUBSCRIPTION {name} DISABLE")
            connection.execute(f"ALTER SUBSCRIPTION {name} SET (slot_name = NONE)")
            connection.execute(f"DROP SUBSCRIPTION {name}")
        slots = "SELECT slot_name, active_pid FROM pg_replication_slots WHERE database = current_database()"
        while found := connection.execute(slots).fetchall():
            for name, pid in found:
                if pid is not None:
                    connection.execute("SELECT pg_terminate_backend(%s)", [pid])
                with contextlib.suppress(psycopg.Error):
                    connection.execute("SELECT pg_drop_replication_slot(%s)", [name])
