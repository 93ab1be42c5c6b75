"""The stand-in for Juice as a fixture: `juice_standin`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parent.parent


class JuiceStandin:
    """The running stand-in with its demo. `base_url`, `codes` and the keys stay the same over a restart."""

    def __init__(self, state: Path, *words: str) -> None:
        self._state = state
        self._words = words
        self._ready_file = state / "ready.json"
        self.base_url = ""
        self.start()

    def start(self) -> None:
        """This will start the process and wait until it listens."""
        port = self.base_url.rpartition(":")[2] or "0"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "standins.juice", "--port", port, "--state", str(self._state)]
            + ["--ready-file", str(self._ready_file), "--demo", *self._words],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while not self._ready_file.exists():
            assert self._process.poll() is None and time.monotonic() < deadline, "the Juice stand-in did not start"
            time.sleep(0.02)
        ready = json.loads(self._ready_file.read_text())
        self.base_url = ready["url"]
        self._utilities = {each["code"]: each for each in ready["utilities"]}

    @property
    def codes(self) -> list[str]:
        """The utilities' codes, in order."""
        return list(self._utilities)

    def url(self, code: str) -> str:
        """The base address of a utility's Juice."""
        return str(self._utilities[code]["url"])

    def key(self, code: str) -> str:
        """The client key for a utility's Juice."""
        return str(self._utilities[code]["key"])

    def demo(self, code: str) -> dict[str, Any]:
        """What the demo holds: accounts (number, meter, meter_kind, address, email, phone, name, meters) and cards."""
        listed: dict[str, Any] = httpx.get(f"{self.url(code)}/__demo", timeout=120).raise_for_status().json()
        return listed

    def cards(self, code: str, state: str = "activated") -> list[dict[str, Any]]:
        """The demo's cards (serial, code, amount, state) that are in a state just now."""
        return [card for card in self.demo(code)["cards"] if card["state"] == state]

    def get(self, code: str, path: str, **query: Any) -> httpx.Response:
        """This will ask a utility's Juice as a client does."""
        return httpx.get(self.url(code) + path, params=query, headers=self._headers(code), timeout=120)

    def post(self, code: str, path: str, body: Any, **headers: str) -> httpx.Response:
        """This will tell a utility's Juice as a client does."""
        return httpx.post(self.url(code) + path, content=json.dumps(body), headers=self._headers(code) | headers, timeout=120)

    def faults(self, kind: str, times: int = 1, **more: Any) -> None:
        """This will order a fault: lose-reply, delay (with `seconds`), refuse (with `rule`), drop-before or unavailable.

        `path` is how the path begins below the utility's address, such as /redemptions; without it, wherever money moves.
        """
        httpx.post(f"{self.base_url}/__faults", json={"kind": kind, "times": times, **more}).raise_for_status()

    def outstanding_faults(self) -> list[dict[str, Any]]:
        """The orders that are not yet carried out."""
        listed: list[dict[str, Any]] = httpx.get(f"{self.base_url}/__faults").raise_for_status().json()["faults"]
        return listed

    def without_faults(self) -> None:
        """This will throw away all orders for faults, and start the process where a test left it dead."""
        if self._process.poll() is not None:
            self.restart()
        httpx.delete(f"{self.base_url}/__faults").raise_for_status()

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

    def _headers(self, code: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key(code)}", "X-Juice-Media-Type": "juice.v1"}

    def _end(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)
        self._process.wait(60)


@pytest.fixture(scope="session")
def juice_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JuiceStandin]:
    """The process that the tests of one run share; used cards stay used."""
    running = JuiceStandin(tmp_path_factory.mktemp("juice"))
    yield running
    running.stop()


@pytest.fixture
def juice_standin(juice_process: JuiceStandin) -> JuiceStandin:
    """A Juice: running, filled with the demo, and without orders for faults."""
    juice_process.without_faults()
    return juice_process
