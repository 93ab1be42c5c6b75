"""Who kills: volleys of kill -9, and how long it took until everything went on."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.running import Running
from tests.torture.journal import Journal

KINDS = ("web", "web-worker", "vendor", "projector", "notifier", "juice", "cards", "inbox", "postgres")

GIVES_UP_S = 60.0


@dataclass
class Recovery:
    """From a volley's last kill until a command that was sent afterwards was acknowledged, one had gone all the way, and
    something of what had been under way had come to its end. Seconds; `of_all` is until all of that had."""

    killed: tuple[str, ...]
    seconds: float
    accepted: float
    moved: float
    passed: float
    of_all: float | None = None
    at: float = 0.0


class Killer:
    """Kills processes of a running portal, by chance. `kills` counts them by kind."""

    def __init__(self, portal: Running, journal: Journal, chance: random.Random, told: Callable[[], None]) -> None:
        self.portal = portal
        self.journal = journal
        self.chance = chance
        self.told = told
        self.kills: Counter[str] = Counter()
        self.recoveries: list[Recovery] = []

    async def kill(self, number: int) -> None:
        """This will kill so many, one to three in a volley, each of them at a moment that nobody chose."""
        while (left := number - self.kills.total()) > 0:
            volley = await self._volley(min(left, self.chance.choice((1, 1, 1, 2, 2, 3))))
            if volley:
                await self._recovered(volley)
            await asyncio.sleep(self.chance.uniform(0.1, 1.0))

    def finish(self) -> None:
        """This will say of each volley when all that had been under way had come to its end."""
        for each in self.recoveries:
            ends = [promise.ended_at for promise in self.journal.under_way(each.at)]
            if None not in ends:
                each.of_all = max((end - each.at for end in ends if end is not None), default=0.0)

    async def _volley(self, size: int) -> tuple[str, ...]:
        killed = []
        for place in range(size):
            # Rare kinds get their turn: what was killed least so far is as likely as what chance picks.
            least = min(KINDS, key=lambda kind: (self.kills[kind], self.chance.random()))
            kind = self.chance.choice((least, self.chance.choice(KINDS)))
            if place:
                await asyncio.sleep(self.chance.uniform(0, 0.5))
            if self.portal.kill(kind):
                killed.append(kind)
                self.kills[kind] += 1
                self.told()
        return tuple(killed)

    async def _recovered(self, volley: tuple[str, ...]) -> None:
        loop = asyncio.get_running_loop()
        killed_at = loop.time()
        under_way = self.journal.under_way(killed_at)
        while loop.time() < killed_at + GIVES_UP_S:
            accepted = self.journal.accepted_after(killed_at)
            passed = self.journal.passed_after(killed_at)
            moved = min((each.ended_at for each in under_way if each.ended_at is not None), default=None)
            if not under_way:
                moved = killed_at
            if accepted is not None and passed is not None and moved is not None:
                times = [moment - killed_at for moment in (accepted, moved, passed)]
                self.recoveries.append(Recovery(volley, max(times), *times, at=killed_at))
                return
            await asyncio.sleep(0.02)
        self.journal.broken.append(f"after {', '.join(volley)} had been killed, nothing went on for {GIVES_UP_S:.0f} s")
