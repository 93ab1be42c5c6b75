"""Contestant: UmaDB, an event store of its own in Rust, through its own client. Its server runs beside it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import umadb

from benchmarks import wallets
from benchmarks.contestant import Told, contest, in_threads, task

PATIENCE_S = 20.0


def main(asked: dict[str, Any]) -> None:
    """This will start a server with its default, durable settings, and append whenever it is asked to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    with tempfile.TemporaryDirectory(dir=asked["folder"]) as folder:
        program = Path(sys.executable).parent / "umadb"
        command = [str(program), "--listen", address, "--db-path", str(Path(folder) / "uma.db")]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                contest_with(connected(f"http://{address}"), asked)
            finally:
                server.terminate()


def connected(url: str) -> umadb.Client:
    """This will wait until the server answers."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            client = umadb.Client(url)
            client.head()
            return client
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def contest_with(client: umadb.Client, asked: dict[str, Any]) -> None:
    """This will open wallets: nothing of the same tag may be there."""

    def create() -> None:
        tag = f"wallet-{uuid.uuid4()}"
        opened = umadb.Event("WalletOpened", json.dumps(wallets.opened()).encode(), [tag])
        absent = umadb.AppendCondition(umadb.Query([umadb.QueryItem(tags=[tag])]))
        client.append([opened], absent)

    def work(seconds: float = asked["seconds"]) -> Told:
        return in_threads(create, asked["callers"], seconds)

    work(asked["warm_up_s"])
    contest(work)


if __name__ == "__main__":
    main(task())
