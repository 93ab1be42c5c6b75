"""Waiting that ends when it should, pauses that grow, and errors told without what they were about."""

from __future__ import annotations

import asyncio
import traceback
from pathlib import Path
from typing import Any

import psycopg
from psycopg import AsyncConnection


class Pause:
    """A pause (seconds) that doubles each time, up to the longest."""

    def __init__(self, *, shortest: float, longest: float) -> None:
        self._shortest = shortest
        self._longest = longest
        self._next = shortest

    def next(self) -> float:
        """This will give the pause that is due now."""
        pause, self._next = self._next, min(self._longest, self._next * 2)
        return pause

    def reset(self) -> None:
        """This will begin with the shortest again."""
        self._next = self._shortest


async def waited(stop: asyncio.Event, seconds: float) -> None:
    """This will wait that long, or until `stop` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass


async def heard(connection: AsyncConnection[Any], stop: asyncio.Event, seconds: float) -> None:
    """This will wait until the connection hears a notification, at most that long, or until `stop` is set."""
    listening = asyncio.create_task(_notified(connection, seconds))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((listening, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        listening.cancel()
        await asyncio.wait((listening, stopping))
    if not listening.cancelled():
        listening.result()


async def _notified(connection: AsyncConnection[Any], seconds: float) -> None:
    async for _ in connection.notifies(timeout=seconds, stop_after=1):
        pass


def place_of(error: BaseException) -> str:
    """This will name an error's class and the place it came from; never its message, which may hold somebody's data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    code = f" {error.sqlstate}" if isinstance(error, psycopg.Error) and error.sqlstate else ""
    return f"{type(error).__name__}{code}{place}"


def way_to(error: BaseException) -> list[str]:
    """This will name the places that an error came through, the outermost first; never its message."""
    way = traceback.walk_tb(error.__traceback__)
    return [f"{Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}" for frame, line in way]


async def woken(event: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    """This will wait until `event` or `stop` is set, at most that long."""
    waits = [asyncio.create_task(event.wait()), asyncio.create_task(stop.wait())]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
