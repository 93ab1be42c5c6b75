"""What the peers need, installed on demand into `.peers/`: a virtual environment and a folder of npm, pinned exactly.

Nothing of it is a part of Seed, and Seed's own environment stays as it is.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
PLACE = HERE.parent.parent / ".peers"


class NotInstalled(Exception):
    """What a peer needs cannot be had on this machine; the message says why."""


@cache
def installed(need: str) -> Path:
    """This will give the folder (of `wrk`, the program) of what is needed, installed anew where its lock changed.

    Raises NotInstalled.
    """
    return {"python": _python, "node": _node, "wrk": _wrk}[need]()


def _python() -> Path:
    place, lock = PLACE / "python", HERE / "requirements.lock"
    if not _is_fresh(place, lock):
        venv.create(place, clear=True, with_pip=True)
        pip = [str(place / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
        _run([*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)])
        _finished(place, lock)
    return place


def _node() -> Path:
    place, lock = PLACE / "node", HERE / "package-lock.json"
    if shutil.which("npm") is None:
        raise NotInstalled("there is no Node.js with npm here")
    if not _is_fresh(place, lock):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, place)
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(place)])
        _finished(place, lock)
    for script in HERE.glob("*.mjs"):  # beside node_modules, where its imports are looked for
        shutil.copy(script, place)
    return place


def _wrk() -> Path:
    if shutil.which("wrk") is None:
        _run(["apt-get", "install", "-y", "-qq", "wrk"])
    found = shutil.which("wrk")
    if found is None:
        raise NotInstalled("there is no wrk here: apt-get install wrk")
    return Path(found)


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NotInstalled(f"{command[0]}: {error.strerror}") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NotInstalled(said[-1] if said else f"{command[0]} ended with status {done.returncode}")


def _is_fresh(place: Path, lock: Path) -> bool:
    stamp = place / "lock"
    return stamp.exists() and stamp.read_text() == _stamp(lock)


def _finished(place: Path, lock: Path) -> None:
    (place / "lock").write_text(_stamp(lock))


def _stamp(lock: Path) -> str:
    return f"{hashlib.sha256(lock.read_bytes()).hexdigest()} {sys.version}"
