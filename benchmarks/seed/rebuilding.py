"""Contestant: the dashboard at an even pace, while its read model is built anew again and again, or in peace."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.contestant import Told, contest, task, told
from benchmarks.load import Kind, Load, Plan
from benchmarks.mix import request

REBUILD = [sys.executable, "-m", "cli", "rebuild", "dashboard"]


class NotAnswered(Exception):
    """A request was answered with an error, or not at all."""


class NotRebuilt(Exception):
    """A rebuild failed, or none came to its end."""


def main(asked: dict[str, Any]) -> None:
    """This will ask for dashboards whenever it is asked to."""
    stage = json.loads(Path(asked["stage"]).read_text())
    asks = [request("GET", "/api/v1/me", each["host"], bearer=each["token"]) for each in stage["customers"]]
    kinds = [Kind(name="dashboard", share=1.0, requests=asks)]
    plan = Plan(port=stage["port"], seconds=asked["seconds"], kinds=kinds, seed=1, rate=asked["rate"])

    def work() -> Told:
        with rebuilding(stage) if asked["rebuilds"] else contextlib.nullcontext():
            outcomes = asyncio.run(Load(plan).run()).outcomes
        if wrong := [each.status for each in outcomes if each.status != 200]:
            raise NotAnswered(f"{len(wrong)} of {len(outcomes)}, the first with {wrong[0]}")
        return told([each.took for each in outcomes], asked["seconds"])

    work()
    contest(work, [stage["web"]])


@contextlib.contextmanager
def rebuilding(stage: dict[str, Any]) -> Iterator[None]:
    """This will rebuild, one after another, as long as the block, and to the end of the last. Raises NotRebuilt."""
    enough = threading.Event()
    statuses: list[int] = []

    def again() -> None:
        while not enough.is_set():
            with tempfile.TemporaryFile() as said:
                done = subprocess.run(REBUILD, env=stage["environment"], stdout=said, stderr=said, check=False)
            statuses.append(done.returncode)

    thread = threading.Thread(target=again)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()
    if not statuses or any(statuses):
        raise NotRebuilt(str(statuses))


if __name__ == "__main__":
    main(task())
