"""Looks at a running portal from outside: memory, health, lag."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from typing import NamedTuple

import httpx
import psutil

from tests.running import Running

EVERY_S = 1.0
SEED = ("web", "projector", "vendor", "notifier")
"""Seed's own processes; the web's are its master and its workers, which serve."""

BEHIND = re.compile(r'^seed_follower_behind_events\{follower="([^"]+)",utility="([^"]+)"\} (\S+)$', re.MULTILINE)


class Seen(NamedTuple):
    """One look: when, in seconds; MiB by process; whether it said that it lives, and gave its figures."""

    at: float
    memory: Mapping[str, float]
    is_well: bool
    behind: Mapping[tuple[str, str], int] | None


class Watch(threading.Thread):
    """Looks once a second, until it is told that it is enough."""

    def __init__(self, portal: Running) -> None:
        super().__init__(daemon=True)
        self.seen: list[Seen] = []
        self._portal = portal
        self._key = portal.demo["keys"]["operator"]
        self._began = time.monotonic()
        self._enough = threading.Event()
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{portal.port}", timeout=10)

    @property
    def now(self) -> float:
        """Seconds since it began to look."""
        return time.monotonic() - self._began

    def run(self) -> None:
        """This will look."""
        while not self._enough.wait(EVERY_S):
            self.seen.append(Seen(self.now, memory(self._portal), self._is_well(), self.behind()))

    def end(self) -> None:
        """This will end looking."""
        self._enough.set()
        self.join()

    def behind(self) -> dict[tuple[str, str], int] | None:
        """This will give by how many events each follower of each utility is behind; None where nobody says."""
        try:
            told = self._client.get("/metrics", headers={"Authorization": f"Bearer {self._key}"})
        except httpx.HTTPError:
            return None
        if told.status_code != 200:
            return None
        return {(follower, utility): int(float(count)) for follower, utility, count in BEHIND.findall(told.text)}

    def until_caught_up(self, patience_s: float) -> float | None:
        """This will wait until no follower is behind, and give after how many seconds that was; None where it never was."""
        began = time.monotonic()
        while time.monotonic() - began < patience_s:
            behind = self.behind()
            if behind and not any(behind.values()):
                return time.monotonic() - began
            time.sleep(0.1)
        return None

    def _is_well(self) -> bool:
        try:
            return self._client.get("/healthz").status_code == 200
        except httpx.HTTPError:
            return False


def memory(portal: Running) -> dict[str, float]:
    """This will give each process's own memory and its share of what several use, in MiB (PSS)."""
    found = {}
    for name in (*SEED, "postgres"):
        process = psutil.Process(portal.pid(name))
        if name == "postgres":
            found[name] = sum(map(_mib, [process, *process.children(recursive=True)]))
        elif children := process.children():
            found |= {f"{name} {number}": _mib(child) for number, child in enumerate(children, 1)}
        else:
            found[name] = _mib(process)
    return found


def _mib(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 2**20
    except psutil.NoSuchProcess:
        return 0.0
