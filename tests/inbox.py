"""The catcher of mail and SMS as a fixture: `inbox`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parent.parent


class Inbox:
    """The running stand-in. `smtp_host`, `smtp_port`, `url`, `sms_url` and `sms_key` stay the same over a restart."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._ready_file = state / "ready.json"
        self.smtp_port = 0
        self.url = ""
        self.start()

    def start(self) -> None:
        """This will start the process and wait until both servers listen."""
        http_port = self.url.rpartition(":")[2] or "0"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "standins.inbox", "--smtp-port", str(self.smtp_port), "--http-port", http_port]
            + ["--state", str(self._state), "--ready-file", str(self._ready_file)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while not self._ready_file.exists():
            assert self._process.poll() is None and time.monotonic() < deadline, "the inbox stand-in did not start"
            time.sleep(0.02)
        ready = json.loads(self._ready_file.read_text())
        self.smtp_host, self.smtp_port = ready["smtp"]["host"], ready["smtp"]["port"]
        self.url, self.sms_url, self.sms_key = ready["http"], ready["sms"]["url"], ready["sms"]["key"]

    def messages(self, *, to: str | None = None, after: int = 0) -> list[Any]:
        """What was caught, oldest first: objects with id, channel, to, subject, text, html, message_id, received_at, repeated."""
        query = {"after": str(after)} | ({"to": to} if to is not None else {})
        reply = httpx.get(f"{self.url}/api/messages", params=query).raise_for_status()
        found = [SimpleNamespace(**message) for message in reply.json()["messages"]]
        for message in found:
            message.received_at = datetime.fromisoformat(message.received_at)
        return found

    def wait_for(self, *, to: str | None = None, count: int = 1, seconds: float = 60) -> list[Any]:
        """This will wait until that many messages have come."""
        deadline = time.monotonic() + seconds
        while len(found := self.messages(to=to)) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count} messages came within {seconds} s"
            time.sleep(0.05)
        return found

    def faults(self, channel: str, kind: str, times: int = 1, **more: Any) -> None:
        """This will order a fault: refuse, temporary, delay (with `seconds`) or drop-connection-after-data."""
        order = {"channel": channel, "kind": kind, "times": times, **more}
        httpx.post(f"{self.url}/__faults", json=order).raise_for_status()

    def empty(self) -> None:
        """This will throw messages and orders away, and start the process where a test left it dead."""
        if self._process.poll() is not None:
            self.restart()
        for path in ("/__faults", "/api/messages"):
            httpx.delete(self.url + path).raise_for_status()

    def kill(self) -> None:
        """This will end the process with SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """This will ask the process to end."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """This will kill the process, where it runs, and start it again in its place."""
        self.kill()
        self._ready_file.unlink(missing_ok=True)
        self.start()

    def _end(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)
        self._process.wait(60)


@pytest.fixture(scope="session")
def inbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inbox]:
    """The process that the tests of one run share."""
    running = Inbox(tmp_path_factory.mktemp("inbox"))
    yield running
    running.stop()


@pytest.fixture
def inbox(inbox_process: Inbox) -> Inbox:
    """A catcher of mail and SMS: running, empty, and without orders for faults."""
    inbox_process.empty()
    return inbox_process
