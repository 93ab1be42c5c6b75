"""The whole portal as it runs on a server: every process of its own, each started again when it dies, as systemd would.

`running_portal` is one for the whole test run; tests that kill, or that use up what a person may do in an hour, have one of
their own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from cli.ports import free_port
from cli.standins import LOOPBACK
from cli.tether import die_with_parent
from config import Settings
from eventlog.embedded import EmbeddedServer

ROOT = Path(__file__).parent.parent
SEED = [sys.executable, "-m", "cli"]
PATIENCE = 120.0


class Running:
    """Processes by name; `demo` is what demo.json says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port(LOOPBACK)
        self.environment = {
            **os.environ,
            "SEED_DATA_DIR": str(folder),
            "PORT": str(self.port),
            "SEED_JUICE_PORT": str(free_port(LOOPBACK)),
            "SEED_CARDS_PORT": str(free_port(LOOPBACK)),
            "SEED_INBOX_PORT": str(free_port(LOOPBACK)),
            "SEED_INBOX_SMTP_PORT": str(free_port(LOOPBACK)),
            "SEED_LOG_LEVEL": "info",
            "SEED_TRUSTED_PROXIES": "127.0.0.1/32",  # so that a test can be many people
            "PYTHONUNBUFFERED": "1",
        }
        self.server = EmbeddedServer(folder)
        self.restarts = 0
        self.demo: dict[str, Any] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = threading.Event()
        self._guards: list[threading.Thread] = []

    @property
    def settings(self) -> Settings:
        """The settings that all processes have."""
        return Settings.from_environment(self.environment)

    def environment_of(self, name: str) -> dict[str, str]:
        """What a process finds in its environment."""
        return self.environment

    def command_of(self, name: str) -> list[str]:
        """What starts a process."""
        return [*SEED, name]

    @property
    def dsn(self) -> str:
        """The DSN of the running database."""
        return self.server.dsn

    def start(self) -> None:
        """This will start everything, with the demo learnt."""
        self._keep("postgres")
        self._keep("juice")
        self._keep("cards")
        self._keep("inbox")
        self.server.start()
        subprocess.run([*SEED, "release"], env=self.environment, cwd=ROOT, check=True)
        for name in ("web", "projector", "vendor", "notifier"):
            self._keep(name)
        self._wait_for_site()
        from cli import demo

        demo.prepare(self.settings)
        self.demo = json.loads((self.folder / "demo.json").read_text())

    def pid(self, name: str) -> int | None:
        """This will give a process's id; None where the database is just not there."""
        return self.server.pid if name == "postgres" else self._processes[name].pid

    def kill(self, name: str) -> bool:
        """This will end a process at once, without a word; its guard starts it again. False where it does not run just now.

        `web-worker` is one of the processes that serve the site, which the web's own parent starts again.
        """
        if name == "postgres":
            return _killed(self.server.pid)
        if name == "web-worker":
            workers = _children(self._processes["web"].pid)
            return _killed(workers[0] if workers else None)
        runs = self._processes[name].poll() is None
        self._processes[name].kill()
        return runs

    def log_of(self, name: str) -> str:
        """What a process has written so far, over all its lives."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def unexpected(self) -> list[str]:
        """The lines in which the site wrote of errors that nobody had thought of: whoever asked got a 500."""
        return [line for line in self.log_of("web").splitlines() if '"event":"unexpected"' in line.replace(" ", "")]

    def stop(self) -> None:
        """This will stop everything, the database last."""
        self._stopping.set()
        for name, process in self._processes.items():
            if name != "postgres":
                process.terminate()
        for name, process in self._processes.items():
            if name == "postgres":
                continue
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        self._processes["postgres"].terminate()
        for guard in self._guards:
            guard.join(20)
        self.server.stop()

    def _keep(self, name: str) -> None:
        started = threading.Event()
        guard = threading.Thread(target=self._guard, args=(name, started), daemon=True)
        guard.start()
        self._guards.append(guard)
        started.wait()

    def _guard(self, name: str, started: threading.Event) -> None:
        while not self._stopping.is_set():
            with (self.folder / f"{name}.log").open("ab") as log:
                process = subprocess.Popen(
                    self.command_of(name),
                    env=self.environment_of(name),
                    cwd=ROOT,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGKILL),
                )
            self._processes[name] = process
            started.set()
            process.wait()
            if not self._stopping.is_set():
                self.restarts += 1
                time.sleep(0.1)

    def _wait_for_site(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/api/v1/healthz", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        logs = {path.stem: path.read_text(errors="replace")[-2000:] for path in self.folder.glob("*.log")}
        raise TimeoutError(f"the site did not answer in {PATIENCE:.0f} s: {logs}")


def _killed(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


R = TypeVar("R", bound=Running)


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """This will run the whole portal in `folder` as long as the block."""
    with tended(Running(folder)) as portal:
        yield portal


@contextmanager
def tended(portal: R) -> Iterator[R]:
    """This will run a portal as long as the block; nothing of it is left behind, however that ends."""
    command = [sys.executable, "-m", "tests.undertaker", str(portal.folder)]
    undertaker = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, cwd=ROOT)
    try:
        portal.start()
        yield portal
    finally:
        portal.stop()
        undertaker.communicate()


@contextmanager
def faultless(folder: Path) -> Iterator[Running]:
    """This will run the whole portal as long as the block, and fail at its end where the site met what it did not expect."""
    with running(folder) as portal:
        yield portal
        faults = portal.unexpected()
    assert not faults, "the site met what it did not expect:\n" + "\n".join(faults)


@pytest.fixture(scope="session")
def running_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One whole portal for all tests that only use it."""
    with faultless(tmp_path_factory.mktemp("portal")) as portal:
        yield portal
