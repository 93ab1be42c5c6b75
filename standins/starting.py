"""What every stand-in does to start: a folder of its own, a loopback port, and a file that says that it is ready."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"  # loopback, always: whoever reaches it may read cards and passwords


class CannotStart(Exception):
    """One line that says what is wrong and what to change."""


@contextmanager
def prepared(state: Path, ready_file: Path | None) -> Iterator[None]:
    """This will make the folder and take a former ready file away, and then let what is kept be opened.

    What is written is its owner's only. Raises CannotStart where the disk or the database refuses.
    """
    os.umask(0o077)
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
        yield
    except OSError as reason:
        raise CannotStart(f"{reason.filename} cannot be written ({reason.strerror}); choose another with --state") from None
    except sqlite3.Error as reason:
        raise CannotStart(f"{state} cannot be used ({reason}); choose another with --state") from None


def listen(port: int, option: str = "--port") -> socket.socket:
    """This will bind a loopback port. Raises CannotStart where it is taken."""
    try:
        return socket.create_server((HOST, port), backlog=512)
    except (OSError, OverflowError) as reason:
        told = reason.strerror if isinstance(reason, OSError) else "no such port"
        raise CannotStart(f"port {port} of {HOST} cannot be had ({told}); choose another with {option}") from None


def write_private(path: Path, text: str) -> None:
    """This will put a file in place whole, readable by its owner only."""
    draft = path.with_name(path.name + ".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
