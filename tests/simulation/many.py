"""Many histories, side by side on all of the machine's processors."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from tests.simulation.history import Told, run

CHUNK = 8
"""Histories that a process is given at a time."""


def _begin() -> None:
    """What is there before the first history is never looked through for garbage again."""
    gc.collect()
    gc.freeze()
    gc.disable()


def _run(seed: int, commands: int) -> Told:
    """Garbage is collected after a history: within one that would take a third of the time."""
    try:
        return run(seed, commands)
    finally:
        gc.collect()


def run_many(seed: int, histories: int, commands: int, *, processes: int | None = None) -> Iterator[Told]:
    """This will run the histories of the seeds from `seed` on, and give them in their order."""
    seeds = range(seed, seed + histories)
    with ProcessPoolExecutor(processes or os.cpu_count(), get_context("spawn"), _begin) as pool:
        yield from pool.map(partial(_run, commands=commands), seeds, chunksize=min(CHUNK, max(1, histories // 16)))
