"""Contestant: a server of a peer's, two worker processes, on the same database, asked by the same customers."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.contestant import Told, contest, task
from benchmarks.wrk import UNIQUE, Ask, wrk

PATIENCE_S = 30.0
WARM_UP_S = 1.0


def main(asked: dict[str, Any]) -> None:
    """This will start the server, and ask whenever it is asked to."""
    stage = json.loads(Path(asked["stage"]).read_text())
    asks = redemptions(stage, asked["path"]) if asked.get("redeems") else reads(stage, asked["path"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    told = json.dumps({"stage": asked["stage"], "port": port})
    if asked["server"].endswith(".mjs"):
        command = ["node", str(Path(asked["node"]) / asked["server"]), told]
    else:
        command = [str(Path(asked["python"]) / "bin" / "python"), "-m", asked["server"], told]
    with tempfile.TemporaryDirectory(dir=asked["folder"]) as folder, subprocess.Popen(command, stdout=sys.stderr) as server:
        try:
            until_listening(port)

            def work(seconds: float = asked["seconds"]) -> Told:
                return wrk(port, asks, seconds, Path(folder))

            work(WARM_UP_S)
            contest(work, [server.pid])
        finally:
            server.terminate()


def reads(stage: dict[str, Any], path: str) -> list[Ask]:
    """This will give each customer's request."""
    return [Ask(path, {"Host": each["host"], "Authorization": f"Bearer {each['token']}"}) for each in stage["customers"]]


def redemptions(stage: dict[str, Any], path: str) -> list[Ask]:
    """This will give a redemption for each meter; each time it is sent it is for another card."""
    body = '{"serial": "%s", "code": "ABCDEFGH1234", "number": "%s"}'
    headers = {"Content-Type": "application/json", "Idempotency-Key": UNIQUE}
    return [
        Ask(path, {"Host": host, **headers}, "POST", body % (UNIQUE, meter))
        for host, meters in stage["meters"].items()
        for meter in meters
    ]


def until_listening(port: int) -> None:
    """This will wait until the server takes connections."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    main(task())
