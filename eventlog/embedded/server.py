"""A small supervisor of one PostgreSQL server: start, watch, stop."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from eventlog.embedded import postmaster
from eventlog.embedded.binaries import ServerCannotStart, prefix, program
from eventlog.embedded.cluster import DATABASE, USER, Cluster, explain

__all__ = ["EmbeddedServer", "ServerCannotStart"]

START_PATIENCE = 120.0
"""Seconds; recovery after a crash may have to read much of the write-ahead log."""
LOG_KEPT = 10_000_000
"""Bytes; a longer log is put aside as `log.old` at the next start."""


class EmbeddedServer:
    """The PostgreSQL server under `data_dir/postgres`, for any number of processes: one starts it, all may ask for its DSN."""

    def __init__(self, data_dir: Path | str, *, durable: bool = True) -> None:
        self._cluster = Cluster(Path(data_dir).absolute() / "postgres", durable=durable)
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        """How to connect; holds the password. Raises ServerCannotStart where the cluster was never made."""
        if not self._cluster.exists:
            raise ServerCannotStart(f"There is no database in {self._cluster.folder} yet: start one with `seed run`.")
        return self._conninfo(DATABASE)

    @property
    def pid(self) -> int | None:
        """The server's process id, or None where it does not run."""
        self._reap()
        return postmaster.running(self._cluster.pid_file)

    def is_running(self) -> bool:
        """This will say whether the server's process lives."""
        return self.pid is not None

    def start(self) -> str:
        """This will start the server, or join the one that runs already, and give its DSN.

        Makes the cluster at first. Raises ServerCannotStart with one line that says why.
        """
        try:
            self._cluster.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._lock("start.lock"):
                while not (self._becomes_ready() and self._answers()):
                    self._cluster.prepare()
                    postmaster.clear_remains(self._cluster.pid_file, self._cluster.socket_folder(), patience=3)
                    self._launch()
        except OSError as error:
            raise ServerCannotStart(explain(str(error), self._cluster.folder)) from error
        return self.dsn

    def stop(self, *, gently: float = 0) -> None:
        """This will shut the server down; what was committed is safe.

        Clients get `gently` seconds to leave by themselves, then their connections are ended.
        """
        for order, seconds in ((signal.SIGTERM, gently), (signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            pid = self.pid
            if pid is None:
                break
            if seconds:
                os.kill(pid, order)
                postmaster.wait_for_end(pid, seconds)
        self._reap()

    def supervise(self, stopping: threading.Event, *, restarted: Callable[[], None], gently: float) -> None:
        """This will keep the server running until `stopping` is set, then stop it; `restarted` is called after each death."""
        with self._lock("supervisor.lock"):
            self.start()
            try:
                while not stopping.is_set():
                    pid = self.pid
                    if pid is not None:
                        self._watch(pid, stopping)
                    elif not self._cluster.exists:
                        # A new, empty cluster in the place of one that held people's money would look like all is well.
                        raise ServerCannotStart(f"The database in {self._cluster.folder} is gone: restore it from a backup.")
                    else:
                        self.start()
                        restarted()
            finally:
                self.stop(gently=gently)

    def wait_for_supervisor(self) -> None:
        """This will wait until a supervisor of an earlier run, which is about to stop its server, has ended."""
        if self._cluster.folder.exists():
            with self._lock("supervisor.lock"):
                pass

    def _watch(self, pid: int, stopping: threading.Event) -> None:
        while not stopping.is_set() and not postmaster.wait_for_end(pid, 0.2):
            pass

    def _launch(self) -> None:
        log = self._cluster.log
        if log.exists() and log.stat().st_size > LOG_KEPT:
            log.rename(log.with_name("log.old"))
        with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
            self._log_start = output.seek(0, os.SEEK_END)
            self._child = subprocess.Popen(
                [*prefix(), program("postgres"), "-D", str(self._cluster.data)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # Until its pid file is there, only the process itself can say whether it lives.
        while self._child.poll() is None and not self.is_running():
            time.sleep(0.01)
        if self._child.returncode is not None:
            raise ServerCannotStart(explain(self._said(), self._cluster.folder))

    def _becomes_ready(self) -> bool:
        """This will wait while the server starts; False where there is none, or where another's has ended meanwhile."""
        deadline = time.monotonic() + START_PATIENCE
        while self.is_running():
            if postmaster.ready(self._cluster.pid_file):
                return True
            if time.monotonic() > deadline:
                raise ServerCannotStart(f"PostgreSQL in {self._cluster.folder} did not become ready in {START_PATIENCE:.0f} s.")
            time.sleep(0.02)
        return False

    def _said(self) -> str:
        with self._cluster.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def _answers(self) -> bool:
        """This will see that the database is there and can be reached; False where the server turned out to be dying."""
        try:
            with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                    connection.execute(f"CREATE DATABASE {DATABASE}")
            return True
        except psycopg.OperationalError as error:
            pid = self.pid
            if pid is None or postmaster.wait_for_end(pid, 5):
                return False
            raise ServerCannotStart(explain(str(error), self._cluster.folder)) from error

    def _conninfo(self, database: str) -> str:
        cluster = self._cluster
        return make_conninfo("", host=str(cluster.socket_folder()), user=USER, password=cluster.password, dbname=database)

    def _reap(self) -> None:
        if self._child is not None:
            self._child.poll()

    @contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        """Two who do the same thing at the same moment take turns."""
        with (self._cluster.folder / name).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
