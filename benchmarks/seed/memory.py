"""Contestant: the memory of a web worker, the projector and the vendor together, after so many seconds of a busy day's mix."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import psutil

from benchmarks.contestant import Told, contest, task
from benchmarks.load import Kind, Load, Plan

PROCESSES = ("projector", "vendor")


def main(asked: dict[str, Any]) -> None:
    """This will load, and weigh, whenever it is asked to."""
    stage = json.loads(Path(asked["stage"]).read_text())
    kinds = msgspec.json.decode(Path(stage["kinds"]).read_bytes(), type=list[Kind])
    once = [kind for kind in kinds if kind.once]

    def work() -> Told:
        plan = Plan(port=stage["port"], seconds=asked["seconds"], kinds=kinds, seed=1, rate=asked["rate"])
        left = asyncio.run(Load(plan).run()).left
        for kind in once:  # the next one does what this one has left
            kind.requests = left[kind.name]
        Path(stage["kinds"]).write_bytes(msgspec.json.encode(kinds))
        return {"count": weighed(stage), "seconds": asked["seconds"]}

    contest(work, [stage["web"], *(stage[name] for name in PROCESSES)])


def weighed(stage: dict[str, Any]) -> float:
    """This will give the MiB that one web worker, the heaviest, the projector and the vendor have resident."""
    workers = psutil.Process(stage["web"]).children()
    found = [max(map(resident, workers)), *(resident(psutil.Process(stage[name])) for name in PROCESSES)]
    return sum(found)


def resident(process: psutil.Process) -> float:
    """This will give a process's resident memory in MiB."""
    return float(process.memory_info().rss) / 2**20


if __name__ == "__main__":
    main(task())
