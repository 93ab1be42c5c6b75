"""A primary and a streaming replica of it, for the tests of one module: PostgreSQL's own programs, a socket folder for each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from cli.release import create_utility
from eventlog.embedded import postmaster
from eventlog.embedded.binaries import prefix, program
from eventlog.embedded.cluster import Cluster
from eventlog.schema import create_control_schema
from eventlog.secrets import UtilitySecrets
from tests.pg import ROOT, served
from tests.utility import MASTER

PATIENCE_S = 60.0


@dataclass
class Pair:
    """Two servers; `primary` and `replica` lead to the database on each, in which there is the utility `test`."""

    primary: str
    replica: str
    cluster: Cluster

    @contextmanager
    def another(self) -> Iterator[Pair]:
        """This will run one more replica as long as the block."""
        with (
            tempfile.TemporaryDirectory(dir=self.cluster.folder.parent.parent) as folder,
            _replica_of(self.primary, Path(folder)) as pair,
        ):
            yield pair

    def promote(self) -> None:
        """This will make a primary of the replica."""
        assert self._on_replica("SELECT pg_promote()")

    def start(self) -> None:
        """This will start the replica, and wait until it can be read."""
        self.cluster.prepare()
        postmaster.clear_remains(self.cluster.pid_file, self.cluster.socket_folder(), patience=3)
        command = [*prefix(), program("postgres"), "-D", str(self.cluster.data)]
        with self.cluster.log.open("ab") as log:
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._on_replica("SELECT 1")
                return
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, self.cluster.log.read_text()
                time.sleep(0.05)

    def kill(self) -> None:
        """This will kill the replica with -9, and wait until it has ended."""
        pid = postmaster.running(self.cluster.pid_file)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        postmaster.wait_for_end(pid, PATIENCE_S)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """This will have the replica take no news as long as the block."""
        self._on_replica("SELECT pg_wal_replay_pause()")
        while self._on_replica("SELECT pg_get_wal_replay_pause_state()") != "paused":
            time.sleep(0.01)
        try:
            yield
        finally:
            self._on_replica("SELECT pg_wal_replay_resume()")

    def caught_up(self) -> None:
        """This will wait until the replica has all that the primary has by now."""
        with psycopg.connect(self.primary, autocommit=True) as connection:
            [[end]] = connection.execute("SELECT pg_current_wal_insert_lsn()::text").fetchall()
            connection.execute("CHECKPOINT")  # asynchronous commits are not on their way by themselves
        deadline = time.monotonic() + PATIENCE_S
        while not self._on_replica(f"SELECT pg_last_wal_replay_lsn() >= '{end}'::pg_lsn"):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _on_replica(self, query: str) -> object:
        with psycopg.connect(self.replica, autocommit=True) as connection:
            row = connection.execute(query.encode()).fetchone()
            return row[0] if row else None


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A primary with the utility `test`, and its replica, which runs."""
    with served(tmp_path_factory.mktemp("primary"), durable=False) as server:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            create_control_schema(connection)
            create_utility(connection, "test", 0, UtilitySecrets(MASTER, "test"))
        with _replica_of(server.dsn, tmp_path_factory.mktemp("replica")) as pair:
            yield pair


@contextmanager
def _replica_of(primary: str, folder: Path) -> Iterator[Pair]:
    cluster = Cluster(folder / "postgres", durable=False)
    cluster.folder.mkdir(mode=0o700)
    copied = [program("pg_basebackup"), "--dbname", primary, "--pgdata", str(cluster.data)]
    subprocess.run(
        [*prefix(), *copied, "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"],
        check=True,
        capture_output=True,
    )
    with psycopg.connect(primary) as connection:
        password = connection.info.password
    (cluster.folder / "password").write_text(password)
    undertaker = subprocess.Popen(
        [sys.executable, "-m", "tests.undertaker", str(folder)], stdin=subprocess.PIPE, start_new_session=True, cwd=ROOT
    )
    cluster.prepare()
    pair = Pair(primary, make_conninfo(primary, host=str(cluster.socket_folder())), cluster)
    try:
        pair.start()
        yield pair
    finally:
        with suppress(AssertionError):
            pair.kill()
        undertaker.communicate()
