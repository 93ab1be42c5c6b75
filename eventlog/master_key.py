"""The master key: given by the operator, or made once and kept beside the data."""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
from pathlib import Path

from domain.ids import Randomness
from eventlog.secrets import LENGTH


class MasterKeyInvalid(Exception):
    """The master key is not 32 bytes in base64; the message is one line that names where it came from."""


def master_key(given: str | None, data_dir: Path, randomness: Randomness) -> bytes:
    """This will give the 32 bytes of the master key: the given one (base64), else the one in `data_dir/master.key`.

    Makes the file, readable by its owner only, where there is none; of several processes that do so at once one wins.
    Raises MasterKeyInvalid.
    """
    if given:
        return _parse(given, "SEED_MASTER_KEY")
    path = data_dir / "master.key"
    if not path.exists():
        _make(path, randomness)
    return _parse(path.read_text(), str(path))


def _make(path: Path, randomness: Randomness) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, fresh = tempfile.mkstemp(prefix=".master-key-", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(randomness(LENGTH)) + b"\n")
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process made it meanwhile: that one holds
    finally:
        os.unlink(fresh)


def _parse(text: str, source: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != LENGTH:
        raise MasterKeyInvalid(f"{source} must hold {LENGTH} random bytes in base64 (make some: openssl rand -base64 {LENGTH}).")
    return key
