"""Where the tests' servers keep their data: in memory where there is room, since a disk may stall for a second at every clone."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30
"""Bytes: the write-ahead logs of two servers at their largest, and their databases. A container often has 64 MiB there."""


@contextmanager
def quick_folder(name: str) -> Iterator[Path]:
    """This will make a folder in memory, or on the disk where there is no room, and take it away with all that is in it."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM
    with tempfile.TemporaryDirectory(prefix=f"seed-{name}-", dir=MEMORY if roomy else None, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
