"""One try of a card's code: counted before Juice is asked, uncounted where it proves right.

Three lanes, so that a guesser's flood fills their own and holds up nobody else:

- the owner, logged in or on a device that logged in before, for their own account: their own count;
- a source with few failures, such as somebody at home who mistypes: its first tries;
- everybody else: the counts of serial, source and account.

A wrong code counts everywhere, whatever lane it came by. A right one takes nothing off what is counted, since a card can be
looked at again and again; a card that is redeemed halves it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from web.access.limits import (
    CARDS,
    CARDS_BY_OWNER,
    CARDS_BY_SERIAL,
    CARDS_BY_SOURCE,
    CARDS_BY_TARGET,
    CARDS_OF_OWNERS,
    FIRST_CARDS,
    Delay,
)
from web.access.queues import Queues, QueueTooLong
from web.access.throttles import Attempt, Taken, Throttles
from web.journeys.refusals import TooManyTries

SOURCES_AT_ONCE = 16
"""Tries of one source that are with Juice at a time, in each process: fewer than what is free, so that a town that stands
behind one address waits in line instead of counting as failures under way. Of one serial it is one."""

LONGEST_QUEUE = 500

FIRST_TRIES = 3
"""How many failures are a person's who mistypes."""


@dataclass(frozen=True)
class CardTry:
    """A try under way; one of its methods says how it ended."""

    throttles: Throttles
    counted: tuple[Attempt | Taken, ...]
    others: list[tuple[Delay, str]]

    async def wrong(self) -> None:
        """This will count a failure everywhere."""
        for delay, subject in self.others:
            await self.throttles.failed(delay, subject)

    async def not_wrong(self) -> None:
        """This will count nothing: the code is right, or Juice said nothing about it."""
        await self.throttles.give_back(*self.counted)


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


async def card_redeemed(throttles: Throttles, *, serial: str, source: str, target: str, owner: str | None) -> None:
    """This will halve what is counted, since a card was spent."""
    counted = [(CARDS_BY_SERIAL, serial), (CARDS_BY_SOURCE, source), (CARDS_BY_TARGET, target)]
    await throttles.eased(*counted, *([(CARDS_BY_OWNER, owner)] if owner is not None else []))


async def _begun(throttles: Throttles, *, serial: str, source: str, target: str | None, owner: str | None) -> CardTry:
    shared = [(CARDS_BY_SERIAL, serial), *([(CARDS_BY_TARGET, target)] if target is not None else [])]
    by_source, by_owner = (CARDS_BY_SOURCE, source), [(CARDS_BY_OWNER, owner)] if owner is not None else []
    held = await throttles.held(*by_owner, by_source, *shared)
    if by_owner:
        counted, others, lane = by_owner, [*shared, by_source], CARDS_OF_OWNERS
    elif held[CARDS_BY_SOURCE].failures < FIRST_TRIES:
        counted, others, lane = [by_source], shared, FIRST_CARDS
    else:
        counted, others, lane = [by_source, *shared], [], CARDS
    # Looked at before anything is counted: being refused is no failure, and makes no wait longer.
    for delay, _ in counted:
        throttles.check(delay, held[delay])
    return CardTry(throttles, await throttles.begin(counted, lane, "all"), others)
