"""Where the tests keep their folders, servers' data included: in memory where there is room, since a disk may stall for seconds.

Nothing here cuts the power: what is promised over a kill holds on either.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ROOM = 6 * 2**30
"""Bytes: the write-ahead logs of a few servers at their largest, and their databases. A container often has 64 MiB there."""

_folder = pytest.StashKey[str]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """This will have all folders of a run made in memory, unless it was told where."""
    is_worker = hasattr(config, "workerinput")
    if is_worker or config.option.basetemp is not None or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return
    config.stash[_folder] = tempfile.mkdtemp(prefix="seed-tests-", dir=MEMORY)
    config.option.basetemp = f"{config.stash[_folder]}/all"


def pytest_unconfigure(config: pytest.Config) -> None:
    """This will give the memory back."""
    if (folder := config.stash.get(_folder, None)) is not None:
        shutil.rmtree(folder, ignore_errors=True)
