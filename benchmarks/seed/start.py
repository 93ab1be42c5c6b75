"""Contestant: `make run` where everything was set up before, until the first page is there."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.contestant import Told, contest, task, told
from tests.running import ROOT, Running

COMMAND = [str(Path(sys.executable).parent / "seed"), "run"]
PATIENCE_S = 180.0
LOOK_AGAIN_S = 0.02


class NoPage(Exception):
    """The site did not answer in time."""


@contextmanager
def started(portal: Running) -> Iterator[float]:
    """This will start everything, and give the seconds until the landing page was there; at the end everything is stopped."""
    began = time.perf_counter()
    with subprocess.Popen(COMMAND, env=portal.environment, cwd=ROOT, stdout=sys.stderr, stdin=subprocess.DEVNULL) as process:
        try:
            until_answered(portal.port)
            yield time.perf_counter() - began
        finally:
            process.terminate()


def until_answered(port: int) -> None:
    """This will wait for the landing page. Raises NoPage."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(LOOK_AGAIN_S)
    raise NoPage


def until_known(portal: Running) -> None:
    """This will wait until the demo is learnt: the first start is over then."""
    deadline = time.monotonic() + PATIENCE_S
    while not (portal.folder / "demo.json").exists() and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_S)


def main(asked: dict[str, Any]) -> None:
    """This will start it for the first time, and then again whenever it is asked to."""
    folder = Path(asked["folder"]) / "started"
    folder.mkdir()
    portal = Running(folder)
    with started(portal):
        until_known(portal)

    def work() -> Told:
        with started(portal) as seconds:
            return told((), seconds, 1)

    contest(work)


if __name__ == "__main__":
    main(task())
