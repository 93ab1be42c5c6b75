"""What all contestants of a match find there: a whole portal with its demo, and customers who are logged in."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psutil
from psycopg.conninfo import conninfo_to_dict

from benchmarks import mix
from benchmarks.processes import Child
from benchmarks.seed.start import LOOK_AGAIN_S, until_answered
from tests.processes.people import sellable
from tests.running import Running, tended

LETS_IN = {"SEED_AT_ONCE": "32"}
"""As many as ask: the peers send nobody away either. By default a standing queue is shortened by sending some away at once."""


class Stage(NamedTuple):
    """What contestants are told of it, and the process of its database."""

    told: dict[str, Any]
    database_pid: int | None


@contextmanager
def portal(folder: Path, *, instant_juice: bool) -> Iterator[Stage]:
    """This will run a portal as long as the block, its Juice answering at once where asked for.

    What it tells stands in a file: it holds passwords.
    """
    file, kinds = folder / "stage.json", folder / "kinds.json"
    made = Running(folder)
    made.environment |= LETS_IN
    with tended(made) as portal, answering(portal) if instant_juice else nullcontext():
        known = {
            "port": portal.port,
            "environment": portal.environment,
            **{name: portal.pid(name) for name in ("web", "projector", "vendor")},
            "kinds": str(kinds),
            "database": conninfo_to_dict(portal.dsn),
            "customers": [
                {"host": each.host, "token": each.token, "account": each.account["number"]} for each in mix.customers(portal.demo)
            ],
            "meters": {each["host"]: sellable(each) for each in portal.demo["utilities"]},
            "utilities": {each["host"]: f"u_{each['code']}" for each in portal.demo["utilities"]},
        }
        _write(kinds, mix.kinds(portal.demo))
        _write(file, known)
        yield Stage({"stage": str(file)}, portal.server.pid)


@contextmanager
def answering(portal: Running) -> Iterator[None]:
    """This will put a Juice that answers at once between the portal and its stand-in, as long as the block."""
    ready = portal.folder / "juice.ready"
    told = json.loads(ready.read_text())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.seed.instant_juice"]
    with Child(command, {"url": told["url"], "port": port}, portal.folder / "instant-juice.log", None):
        ready.write_text(json.dumps(told | {"url": f"http://127.0.0.1:{port}"}))
        for name in ("web", "vendor"):  # they are started again, and read whom to ask
            before = portal.pid(name)
            psutil.Process(before).terminate()  # in order: a worker that outlives its parent goes on answering for a while
            while portal.pid(name) == before:
                time.sleep(LOOK_AGAIN_S)
        until_answered(portal.port)
        yield


def _write(file: Path, content: Any) -> None:
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.encode(content))
