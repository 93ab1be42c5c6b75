"""What every command stands on: the data folder, the database, the master key."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import Settings


ROOM_NEEDED = 200_000_000
"""Bytes: a fresh PostgreSQL, its write-ahead log and the demo."""


class NotReady(Exception):
    """Something on this machine has to be changed first; the message is one line that names it."""


def data_folder(settings: Settings) -> Path:
    """This will make the data folder, private to its owner, and see that it can be written to."""
    folder = settings.data_dir.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.write_bytes(b"\0" * 65536)
        probe.unlink()
    except OSError as error:
        raise NotReady(f"The folder {folder} cannot be used ({error.strerror}): set SEED_DATA_DIR to another one.") from None
    return folder


def database(settings: Settings) -> str:
    """This will give the DSN of the database: DATABASE_URL, or the embedded server's. It holds a password."""
    if settings.database_url is not None:
        return settings.database_url
    from eventlog.embedded import EmbeddedServer

    return EmbeddedServer(settings.data_dir).dsn


def master_key(settings: Settings, *, create: bool = False) -> bytes:
    """This will give the 32 bytes of SEED_MASTER_KEY or of the file master.key, which `create` makes where it is missing."""
    if settings.master_key is not None:
        return settings.master_key
    path = settings.data_dir.absolute() / "master.key"
    if create and not path.exists():
        _make(path)
    try:
        return bytes.fromhex(path.read_text())
    except FileNotFoundError:
        raise NotReady(f"{path} is missing: put it back, or set SEED_MASTER_KEY; without it nothing sealed can be read.") from None
    except ValueError:
        raise NotReady(f"{path} does not hold 64 hexadecimal digits: put the right file back, or set SEED_MASTER_KEY.") from None


def _make(path: Path) -> None:
    # Written whole and then linked: of two who make it at once one wins, and nobody ever reads half a key.
    fresh = path.with_name(f"master.key.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink()


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


def free_port(host: str, port: int, setting: str, patience: float = 3) -> int:
    """This will see that nobody listens on the port, and give it, or a free one for 0.

    What an earlier, killed run left behind gets `patience` seconds to end.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            with socket.create_server((host, port)) as listener:
                chosen: int = listener.getsockname()[1]
                return chosen
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise NotReady(f"Nothing can listen on {host} port {port} ({error.strerror}): set HOST and {setting}.") from None
            if time.monotonic() > deadline:
                raise NotReady(f"Port {port} is taken by another program: set {setting} to a free one.") from None
        time.sleep(0.1)
