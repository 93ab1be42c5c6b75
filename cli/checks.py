"""What has to be right on a machine before `seed run` begins."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.ground import NotReady
from cli.ports import free_port
from cli.standins import LOOPBACK
from config import Settings

ROOM_NEEDED = 200_000_000
"""Bytes: a fresh PostgreSQL, its write-ahead log and the demo."""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """This will see that one `seed run` at a time works in the data folder."""
    with (folder / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise NotReady(
                f"Seed already runs in {folder} (process {holder}): stop it, or set SEED_DATA_DIR to another folder."
            ) from None
        os.fchmod(lock.fileno(), 0o600)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def check_room(folder: Path) -> None:
    """This will see that the disk has room for what is written first."""
    free = shutil.disk_usage(folder).free
    if free < ROOM_NEEDED:
        raise NotReady(
            f"The disk of {folder} has {free // 1_000_000} MB left, Seed needs {ROOM_NEEDED // 1_000_000}: "
            "make room, or set SEED_DATA_DIR to a folder on another disk."
        )


def check_ports(settings: Settings) -> None:
    """This will see that the ports set for the stand-ins are free, and that none was set twice."""
    ports = {
        "SEED_JUICE_PORT": None if settings.utility_codes else settings.juice_port,
        "SEED_CARDS_PORT": None if settings.utility_codes else settings.cards_port,
        "SEED_INBOX_PORT": None if settings.smtp_host else settings.inbox_port,
        "SEED_INBOX_SMTP_PORT": None if settings.smtp_host else settings.inbox_smtp_port,
    }
    taken = {settings.port: "PORT"}
    for setting, port in ports.items():
        if not port:
            continue
        if port in taken:
            raise NotReady(f"{taken[port]} and {setting} are both {port}: set them to different ports.")
        taken[port_to_have(LOOPBACK, port, setting)] = setting


def port_to_have(host: str, port: int, setting: str, patience: float = 3) -> int:
    """This will see that nobody listens on the port, and give it, or a free one for 0.

    What an earlier, killed run left behind gets `patience` seconds to end.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            if port == 0:
                return free_port(host)
            with socket.create_server((host, port)):
                return port
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                what = "HOST and PORT" if setting == "PORT" else setting
                raise NotReady(f"Nothing can listen on {host} port {port} ({error.strerror}): set {what}.") from None
            if time.monotonic() > deadline:
                raise NotReady(f"Port {port} is taken by another program: set {setting} to a free one.") from None
        time.sleep(0.1)
