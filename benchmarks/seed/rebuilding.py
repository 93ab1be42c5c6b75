"""Contestant: the dashboard at an even pace, while its read model is built anew, or in peace.

The log is so long that building takes a good part of the measuring: what is met is the command's start, the building, the
comparison and the switch, each in its share. Then it is begun again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.contestant import contest, task, told
from benchmarks.load import Kind, Load, Plan
from benchmarks.mix import request
from benchmarks.seed.dashboards import transact, with_wallets
from benchmarks.wire import ask
from cli.deployment import opened
from config import Settings

REBUILD = [sys.executable, "-m", "cli", "rebuild", "dashboard"]

PATIENCE_S = 120.0
WARM_UP_S = 3.0


class WrongAnswer(Exception):
    """A request was answered with an error, not at all, or with another dashboard than the customer's."""


class NotRebuilt(Exception):
    """A rebuild failed, or none came to its end."""


def main(asked: dict[str, Any]) -> None:
    """This will ask for dashboards whenever it is asked to."""
    stage = json.loads(Path(asked["stage"]).read_text())
    if asked.get("grows"):  # one portal is all entrants': each asks beside the same log
        asyncio.run(grown(Settings.from_environment(stage["environment"]), asked["accounts"], asked["events"]))
    asks = {str(n): request("GET", "/api/v1/me", each["host"], bearer=each["token"]) for n, each in enumerate(stage["customers"])}
    kinds = [Kind(name=customer, share=1.0, requests=[each], tells=True) for customer, each in asks.items()]
    plan = Plan(port=stage["port"], seconds=asked["seconds"], kinds=kinds, seed=1, rate=asked["rate"])
    dashboards = asyncio.run(answers(stage["port"], asks))

    def work() -> Mapping[str, Any]:
        with contextlib.nullcontext() if asked["options"] is None else rebuilding(stage, asked["options"]):
            outcomes = asyncio.run(Load(plan).run()).outcomes
        if wrong := [each.status for each in outcomes if each.told != dashboards[each.kind]]:
            raise WrongAnswer(f"{len(wrong)} of {len(outcomes)}, with status {sorted(set(wrong))}")
        took = [each.took for each in outcomes]
        return {**told(took, asked["seconds"]), "took_s": took}

    asyncio.run(Load(msgspec.structs.replace(plan, seconds=WARM_UP_S)).run())
    contest(work, [stage["web"]])


async def answers(port: int, asks: Mapping[str, bytes]) -> dict[str, bytes]:
    """This will give what the portal answers each: nobody's dashboard changes while this runs."""
    return {customer: (await ask(port, each)).body for customer, each in asks.items()}


async def grown(settings: Settings, accounts: int, events: int) -> None:
    """This will give the first utility so many accounts and events more, and wait until the read models show them."""
    async with opened(settings, name="bench", waits=False) as deployment:
        utility = deployment.utilities[0]
        await transact(utility.log, await with_wallets(utility.log, accounts), events)
        if not await utility.views.caught_up(wait_s=PATIENCE_S):
            raise NotRebuilt("the read models never caught up")
        async with utility.pool.connection() as connection:
            await connection.execute("VACUUM ANALYZE")  # else PostgreSQL does it some time while this measures
            await connection.execute("CHECKPOINT")


@contextlib.contextmanager
def rebuilding(stage: dict[str, Any], options: Sequence[str]) -> Iterator[None]:
    """This will rebuild, one after another, as long as the block, and to the end of the last. Raises NotRebuilt."""
    enough = threading.Event()
    statuses: list[int] = []

    def again() -> None:
        while not enough.is_set():
            with tempfile.TemporaryFile() as said:
                done = subprocess.run([*REBUILD, *options], env=stage["environment"], stdout=said, stderr=said, check=False)
            statuses.append(done.returncode)

    thread = threading.Thread(target=again)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()
    if not statuses or any(statuses):
        raise NotRebuilt(str(statuses))


if __name__ == "__main__":
    main(task())
