"""One try of a card's code: counted before Juice is asked, uncounted where it proves right.

Three lanes, so that a guesser's flood fills their own and holds up nobody else:

- the owner, logged in or on a device that logged in before, for their own account: their own count;
- a source without failures, such as somebody with a card at home: its one first try;
- everybody else: the counts of serial, source and account.

A wrong code counts everywhere, whatever lane it came by.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from web.access.limits import CARDS, CARDS_BY_OWNER, CARDS_BY_SERIAL, CARDS_BY_SOURCE, CARDS_BY_TARGET, Delay
from web.access.queues import Queues, QueueTooLong
from web.access.throttles import Attempt, Taken, Throttles
from web.journeys.refusals import TooManyTries

SOURCES_AT_ONCE = 16
"""Tries of one source that are with Juice at a time, in each process: fewer than what is free, so that a town that stands
behind one address waits in line instead of counting as failures under way. Of one serial it is one."""

LONGEST_QUEUE = 500


@dataclass(frozen=True)
class CardTry:
    """A try under way; one of its methods says how it ended."""

    throttles: Throttles
    overall: Taken
    attempts: list[Attempt]
    others: list[tuple[Delay, str]]

    async def right(self) -> None:
        """This will halve what was counted, and not count this."""
        await self.overall.give_back()
        for attempt in self.attempts:
            await attempt.eased()
        for delay, subject in self.others:
            await self.throttles.eased(delay, subject)

    async def wrong(self) -> None:
        """This will count a failure everywhere."""
        for delay, subject in self.others:
            await self.throttles.failed(delay, subject)

    async def unproven(self) -> None:
        """This will count nothing, since Juice said nothing about the code."""
        await self.overall.give_back()
        for attempt in self.attempts:
            await attempt.give_back()


@asynccontextmanager
async def card_try(
    throttles: Throttles, queues: Queues, *, serial: str, source: str, target: str | None, owner: str | None
) -> AsyncIterator[CardTry]:
    """This will wait for one's turn and count a try. Raises TooManyTries."""
    try:
        async with (
            queues.turn(("source", source), at_once=SOURCES_AT_ONCE, longest=LONGEST_QUEUE),
            queues.turn(("serial", serial), at_once=1, longest=LONGEST_QUEUE),
        ):
            yield await _begun(throttles, serial=serial, source=source, target=target, owner=owner)
    except QueueTooLong:
        raise TooManyTries("card-queue", 1) from None


async def _begun(throttles: Throttles, *, serial: str, source: str, target: str | None, owner: str | None) -> CardTry:
    shared = [(CARDS_BY_SERIAL, serial)]
    if target is not None:
        shared.append((CARDS_BY_TARGET, target))
    attempts: list[Attempt] = []
    try:
        if owner is not None:
            attempts.append(await throttles.attempt(CARDS_BY_OWNER, owner))
            lane, others = "owners", [*shared, (CARDS_BY_SOURCE, source)]
        else:
            attempts.append(await throttles.attempt(CARDS_BY_SOURCE, source))
            first = attempts[0].failures == 1
            lane, others = ("first tries", shared) if first else ("all others", [])
            if not first:
                for delay, subject in shared:
                    attempts.append(await throttles.attempt(delay, subject))
        return CardTry(throttles, await throttles.take(CARDS, lane), attempts, others)
    except TooManyTries:
        for attempt in attempts:
            await attempt.give_back()
        raise
