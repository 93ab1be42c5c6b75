"""Contestant: Seed's site as it runs on a server, two worker processes, asked by customers who are logged in."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.contestant import Told, contest, task
from benchmarks.wrk import SOURCE, UNIQUE, Ask, wrk

WARM_UP_S = 1.0


def reads(stage: dict[str, Any], path: str) -> list[Ask]:
    """This will give each customer's request, a browser's or a program's."""
    is_program = path.startswith("/api/")
    return [Ask(path, {"Host": each["host"]} | authorised(each["token"], is_program=is_program)) for each in stage["customers"]]


def authorised(token: str, *, is_program: bool) -> dict[str, str]:
    """This will give the header that says who is logged in."""
    return {"Authorization": f"Bearer {token}"} if is_program else {"Cookie": f"seed={token}"}


def redemptions(stage: dict[str, Any]) -> list[Ask]:
    """This will give a redemption for each meter, without a login; each time it is sent it is for another card."""
    body = '{"serial": "%s", "code": "ABCDEFGH1234", "number": "%s"}'
    headers = {"Content-Type": "application/json", "Idempotency-Key": UNIQUE, "X-Forwarded-For": SOURCE}
    return [
        Ask("/api/v1/redemptions", {"Host": host, **headers}, "POST", body % (UNIQUE, meter))
        for host, meters in stage["meters"].items()
        for meter in meters
    ]


def main(asked: dict[str, Any]) -> None:
    """This will ask whenever it is asked to."""
    stage = json.loads(Path(asked["stage"]).read_text())
    asks = redemptions(stage) if asked.get("redeems") else reads(stage, asked["path"])
    with tempfile.TemporaryDirectory(dir=asked["folder"]) as folder:

        def work(seconds: float = asked["seconds"]) -> Told:
            return wrk(stage["port"], asks, seconds, Path(folder))

        work(WARM_UP_S)
        contest(work, [stage["web"]])


if __name__ == "__main__":
    main(task())
