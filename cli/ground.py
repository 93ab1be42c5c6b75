"""What every command stands on: the data folder, the database, the master key."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from config import Settings


class NotReady(Exception):
    """Something on this machine has to be changed first; the message is one line that names it."""


def data_folder(settings: Settings) -> Path:
    """This will make the data folder, private to its owner, and see that it can be written to."""
    folder = settings.data_dir.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".probe.{os.getpid()}"  # several processes look at the same moment
        try:
            probe.write_bytes(b"\0" * 65536)
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise NotReady(f"The folder {folder} cannot be used ({error.strerror}): set SEED_DATA_DIR to another one.") from None
    return folder


def home(settings: Settings) -> Path:
    """This will give the data folder of a Seed that was started before. Raises NotReady where there is none."""
    folder = settings.data_dir.absolute()
    if not folder.is_dir():
        raise NotReady(f"There is no Seed in {folder}: go where `seed run` was started, or set SEED_DATA_DIR to its folder.")
    return folder


def database(settings: Settings, *, running: bool = False) -> str:
    """This will give the DSN of the database: DATABASE_URL, or the embedded server's. It holds a password.

    With `running` it sees that the embedded server runs. Raises NotReady.
    """
    if settings.database_url is not None:
        return settings.database_url
    from eventlog.embedded import EmbeddedServer

    server = EmbeddedServer(home(settings))
    if running and not server.is_running():
        raise NotReady(f"PostgreSQL in {home(settings)} does not run: start everything with `seed run`.")
    return server.dsn


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
        raise NotReady(f"{path} is missing: put it back, or set SEED_MASTER_KEY; it opens all that is sealed.") from None
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
