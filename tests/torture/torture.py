"""A whole run: people, killers, and afterwards every promise."""

from __future__ import annotations

import asyncio
import json
import math
import random
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import psycopg_pool

from tests.processes.people import sellable
from tests.running import Running
from tests.torture import rest
from tests.torture.books import Supply
from tests.torture.customers import MOST, Customer
from tests.torture.journal import Journal
from tests.torture.killer import Killer, Recovery
from tests.torture.log import Log
from tests.torture.money import Money
from tests.torture.redeemers import Redeemer

REDEEMERS = 3
"""At each utility."""

A_KILL_S = 2.0
"""How long a kill takes with its recovery, about: so that customers' purchases last as long as the run does."""


@dataclass
class Told:
    """What a run came to."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    endless: int = 0
    recoveries: list[Recovery] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds of the recovery in the middle."""
        return statistics.median(each.seconds for each in self.recoveries) if self.recoveries else 0.0

    @property
    def longest(self) -> Recovery | None:
        """The slowest recovery."""
        return max(self.recoveries, key=lambda each: each.seconds, default=None)


async def torture(
    portal: Running, kills: int, seed: int, told: Callable[[], None] = lambda: None, *, bar_s: float = math.inf
) -> Told:
    """This will kill so many processes of a running portal under load, and then check every promise; `told` after each kill.

    A recovery that takes longer than `bar_s` seconds is a broken promise too: on a machine that has nothing else to do.
    The seed chooses what is killed and what people do; when the system answers is its own affair, so that no two runs are alike.
    """
    chance = random.Random(seed)
    journal = Journal()
    utilities = portal.demo["utilities"]
    codes = [utility["code"] for utility in utilities]
    supplies = {code: Supply(portal.folder, code, random.Random(chance.random())) for code in codes}
    people = [person for utility in utilities for person in _people(portal.demo, utility, supplies, journal, kills)]
    killer = Killer(portal, journal, chance, told)
    over = asyncio.Event()

    async def kill() -> None:
        await asyncio.sleep(2)  # so that there is something under way
        try:
            await killer.kill(kills)
        finally:
            over.set()

    await asyncio.gather(kill(), *(person.live(random.Random(chance.random()), over) for person in people))
    killer.finish()
    result = Told(kills=killer.kills, recoveries=killer.recoveries, unexpected=_answered_500(portal))
    result.violations += journal.broken
    result.violations += [f"somebody was answered 500: {line}" for line in result.unexpected]
    result.violations += await rest.quiet(portal, codes)
    await _check(portal, journal, codes, result)
    result.violations += rest.codes_in_logs(portal.folder, [card for supply in supplies.values() for card in supply.printed])
    result.violations += [
        f"after {', '.join(each.killed)} had been killed, it took {each.seconds:.1f} s until everything went on"
        f" (accepted after {each.accepted:.1f} s, moved after {each.moved:.1f} s, passed after {each.passed:.1f} s)"
        for each in result.recoveries
        if each.seconds > bar_s
    ]
    return result


def _people(
    demo: dict[str, Any], utility: dict[str, Any], supplies: dict[str, Supply], journal: Journal, kills: int
) -> list[Redeemer | Customer]:
    cards = iter(supplies[utility["code"]])
    meters = sellable(utility)
    buyers = [account for account in utility["accounts"] if "password" in account and account["meter"] in meters]
    pause = kills * A_KILL_S / MOST
    return [
        *(Redeemer(demo, utility, meters, cards, journal) for _ in range(REDEEMERS)),
        *(Customer(demo, utility, account, journal, pause) for account in buyers),
    ]


def _answered_500(portal: Running) -> list[str]:
    """The site's lines of what it did not expect, but for a database that was away: that is answered 503, and tried again."""
    kinds = [*vars(psycopg.errors).values(), *vars(psycopg_pool).values()]
    known = {each.__name__ for each in kinds if isinstance(each, type) and issubclass(each, psycopg.OperationalError)}
    return [line for line in portal.unexpected() if json.loads(line)["error"] not in known]


async def _check(portal: Running, journal: Journal, codes: list[str], result: Told) -> None:
    async with httpx.AsyncClient() as client:
        reply = await client.get(f"{portal.demo['credit_cards']}/__payments", timeout=60)
        payments = reply.raise_for_status().json()["payments"]
    for code in codes:
        money = Money(Log(portal.dsn, code), portal.folder, code, payments, journal)
        result.violations += money.broken()
        result.violations += rest.wallets(portal, code)
        result.lost += money.lost
        result.doubled += money.doubled
        result.endless += money.endless
    result.violations += await rest.read_models(portal, codes)
    for promise in journal.promises:
        result.acknowledged[promise.kind] += 1
        if promise.kind == "purchase":
            result.ends[promise.stage or "without an end"] += 1
