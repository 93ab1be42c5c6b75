"""What the workers have in common: each runs until it is stopped, for all utilities side by side."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from cli.deployment import Deployment, Utility, opened
from cli.neighbours import with_juice
from config import Settings
from domain.event import Context
from domain.ids import uuid7
from eventlog.waiting import waited

logger = logging.getLogger(__name__)

Loop = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


def now() -> datetime:
    """This will read the clock: here at the edge, and nowhere further in."""
    return datetime.now(UTC)


def context(by: str) -> Callable[[], Context]:
    """This will give what makes the contexts of a worker's commands."""

    def make() -> Context:
        at = now()
        return Context(at=at, by=by, correlation_id=uuid7(at, os.urandom))

    return make


def run_worker(settings: Settings, name: str, loops: Callable[[Deployment, Utility], list[Loop]]) -> None:
    """This will run a worker's loops for each utility until SIGTERM or SIGINT."""
    settings = with_juice(settings, waits=True)  # before there are handlers: a signal ends the waiting

    async def main() -> None:
        stop = asyncio.Event()
        running = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            running.add_signal_handler(number, stop.set)
        async with opened(settings, name=name) as deployment, asyncio.TaskGroup() as tasks:
            for utility in deployment.utilities:
                for loop in loops(deployment, utility):
                    tasks.create_task(_kept_up(loop, stop, f"{name} of {utility.code}"))

    asyncio.run(main())


async def _kept_up(loop: Loop, stop: asyncio.Event, name: str) -> None:
    """An error ends one round of one loop, loudly; the others and the next round go on."""
    while not stop.is_set():
        try:
            await loop(stop)
        except Exception:
            logger.exception("%s stumbled and begins again", name)
            await waited(stop, 1.0)
