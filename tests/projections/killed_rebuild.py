"""Begins a rebuild of the utility `test`, and kills itself half-way: `python -m tests.projections.killed_rebuild DSN NAME`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from projections.rebuild import Rebuild, Speed
from projections.registry import all_projections
from tests.utility import opened

BATCH = 20


async def main(dsn: str, name: str) -> None:
    batches = 0

    def progress(position: int, count: int) -> None:
        nonlocal batches
        batches += 1
        if batches == 4:  # in the middle of the transaction: three are kept
            os.kill(os.getpid(), signal.SIGKILL)

    async with opened(dsn, "test") as utility:
        projection = next(each for each in all_projections(utility.secrets.mac) if each.name == name)
        await Rebuild(dsn, utility.log, projection, progress, speed=Speed(BATCH)).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
