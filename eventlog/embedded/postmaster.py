"""Questions about the server's process: which one it is, whether it lives, and what a killed one left behind."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
STATUS_LINE = 7
"""Of `postmaster.pid`, counted from 0: `starting`, `ready`, `standby` or `stopping` (PostgreSQL, pidfile.h)."""


def running(pid_file: Path) -> int | None:
    """This will give the process id of the server that runs on this folder, or None."""
    try:
        pid = int(pid_file.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return pid if lives(pid) and _works_in(pid, pid_file.parent) else None


def ready(pid_file: Path) -> bool:
    """This will say whether the server has finished starting."""
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"


def lives(pid: int) -> bool:
    """This will say whether the process runs; one that only waits to be reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return not PROC.joinpath("self").exists()
    return state not in "ZX"


def wait_for_end(pid: int, seconds: float) -> bool:
    """This will wait until the process has ended; False where it still runs after that time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    except (AttributeError, OSError):
        return _poll_for_end(pid, seconds)
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def clear_remains(pid_file: Path, socket_folder: Path, patience: float) -> None:
    """This will end what a killed server left behind: backends of its own, its pid file, its socket's lock.

    PostgreSQL refuses to start where the number in its pid file is alive again as somebody else, or where a backend
    still holds the shared memory. Backends notice the server's death by themselves; those that are busy get `patience`
    seconds and are then killed, since nothing they do can be committed any more.
    """
    data = pid_file.parent
    deadline = time.monotonic() + patience
    while any(_working_in(data)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in _working_in(data):
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid, 5)
    if PROC.joinpath("self").exists():
        pid_file.unlink(missing_ok=True)
        (socket_folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _working_in(data: Path) -> Iterator[int]:
    """PostgreSQL's processes all work in their data folder and carry its name."""
    for entry in PROC.glob("[0-9]*"):
        pid = int(entry.name)
        if _works_in(pid, data) and lives(pid):
            yield pid


def _works_in(pid: int, data: Path) -> bool:
    if not PROC.joinpath("self").exists():
        return True
    try:
        named = (PROC / str(pid) / "comm").read_text().strip() == "postgres"
        return named and os.path.samefile(PROC / str(pid) / "cwd", data)
    except OSError:
        return False


def _poll_for_end(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while lives(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
