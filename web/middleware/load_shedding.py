"""Where more is asked for than can be done, the excess is sent away at once, before it costs anything; what is let in is quick.

This stands before Falcon, not among its middleware: what is sent away is not even made a request of, and whatever happens to
one that was let in (an error, a caller who goes, a cancellation), its turn ends.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from web.middleware.bodies import WITHIN
from web.middleware.busy import BusyAnswer
from web.middleware.lanes import NEVER_SHED, Lane, Room, lane_of
from web.middleware.turns import NoTurn, Reason, Turns
from web.operations.metrics import IN_FLIGHT, QUEUED, SHED

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST = 256 * 1024
"""Bytes of a body that are taken in before it is a request's turn: the largest that any route takes."""

TOLD_EVERY = 10.0
"""Seconds between two log lines that say that requests are sent away: they are counted, not listed."""

logger = structlog.get_logger("seed.web")


class LoadShedding:
    """An ASGI application around another one."""

    def __init__(self, application: ASGIApplication, room: Room, answer: BusyAnswer) -> None:
        self.lanes = room.lanes(_count)
        self._application = application
        self._answer = answer
        self._told_at = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """This will pass a request on when it is its turn, or answer 503 with Retry-After."""
        if scope["type"] != "http" or scope["path"] in NEVER_SHED:
            await self._application(scope, receive, send)
            return
        lane = lane_of(scope["method"], scope["path"])
        turns = self.lanes[lane]
        arriving = Arriving(receive)
        try:
            turns.refuse()
            await arriving.take_in()
            async with turns.turn(arriving.gone):
                await self._application(scope, arriving.receive, send)
        except NoTurn as refused:
            SHED.labels(lane, refused.reason).inc()
            self._tell(lane, refused.reason)
            if refused.reason is not Reason.GONE:
                await self._answer(scope, send)
        finally:
            arriving.close()

    def _tell(self, lane: Lane, reason: Reason) -> None:
        now = asyncio.get_running_loop().time()
        if reason is not Reason.GONE and now - self._told_at >= TOLD_EVERY:
            self._told_at = now
            logger.warning("more is asked for than can be done: the excess is sent away", lane=lane, reason=reason)


class Arriving:
    """What a caller sends, taken in before its turn: a body that drips in must not hold a turn meanwhile."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: deque[Message] = deque()
        self._is_late = False
        self._is_whole = False
        self._next: asyncio.Future[Message] | None = None

    async def take_in(self) -> None:
        """This will wait for the body, up to LARGEST, for as long as a body may take; what is wrong with it is for its reader."""
        size = 0
        try:
            async with asyncio.timeout(WITHIN):
                while size <= LARGEST and not self._is_whole:
                    message = await self._receive()
                    self._kept.append(message)
                    self._is_whole = not message.get("more_body", False)
                    size += len(message.get("body", b""))
        except TimeoutError:
            self._is_late = True

    async def gone(self) -> None:
        """This will return when the caller has gone; never where there is more of the body to come first."""
        if not self._is_whole:
            await asyncio.Event().wait()
        if self._kept[-1]["type"] != "http.disconnect":
            self._next = asyncio.ensure_future(self._receive())
            await asyncio.wait({self._next})  # it stays under way when nobody waits here any more

    async def receive(self) -> Message:
        """This will give what was taken in, then what still comes. Raises TimeoutError where that took too long."""
        if self._kept:
            return self._kept.popleft()
        if self._is_late:
            raise TimeoutError
        return await (asyncio.shield(self._next) if self._next is not None else self._receive())

    def close(self) -> None:
        """This will end waiting for more."""
        if self._next is not None:
            self._next.cancel()


def _count(lane: Lane, turns: Turns) -> None:
    IN_FLIGHT.labels(lane).set(turns.under_way)
    QUEUED.labels(lane).set(turns.waiting)
