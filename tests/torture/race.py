"""Many people with the same card at the same moment, card after card: each is credited once, at Juice and here."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.processes.people import Acknowledged, redeem, sellable, source, until_ended
from tests.running import Running
from tests.torture import books
from tests.torture.log import Log

AT_ONCE = 2
"""Cards that are raced for side by side."""

TRIES = 5

REUSED_WITHIN_S = 1.0
"""Idle for longer, a connection is not used again: the site closes it after 2 s, and what was just being sent would break off."""

LOSES = (409, 429, 503)
"""Somebody else redeems the card; too many have tried it of late; more is asked than can be done just now."""


@dataclass
class Raced:
    """What the races came to; `broken_off` counts requests without an answer by their errors, `credits` are counted in Seed's log
    and in Juice's books.
    """

    racers: int
    cards: int
    answers: Counter[int] = field(default_factory=Counter)
    broken_off: Counter[str] = field(default_factory=Counter)
    untaken: int = 0
    credits_here: int = 0
    credits_at_juice: int = 0
    violations: list[str] = field(default_factory=list)


async def race(portal: Running, racers: int, cards: int, seed: int, told: Callable[[], None] = lambda: None) -> Raced:
    """This will have so many people race for each of so many cards, from an address each; `told` after each card.

    Where everybody was sent away, somebody comes back for the card: in the end each is to be credited.
    """
    chance = random.Random(seed)
    utility = portal.demo["utilities"][0]
    printed = books.print_cards(portal.folder, utility["code"], cards, chance)
    raced = Raced(racers, cards)
    waiting = iter(printed)
    meters = sellable(utility)
    done: list[Acknowledged] = []
    many = racers * AT_ONCE
    limits = httpx.Limits(max_connections=many, max_keepalive_connections=many, keepalive_expiry=REUSED_WITHIN_S)
    async with httpx.AsyncClient(limits=limits, headers={"Host": utility["host"]}) as client:

        async def lane() -> None:
            for card in waiting:
                winner = await _one(portal.demo["api"], client, card, meters, raced, chance)
                done.append(winner)
                end = await until_ended(portal.demo["api"], client, winner, patience_s=180)
                if end["stage"] != "redeemed":
                    raced.violations.append(f"the card {card['serial']} ended as {end['stage']}")
                told()

        await asyncio.gather(*(lane() for _ in range(AT_ONCE)))
    _compare(portal, utility["code"], printed, done, raced)
    return raced


async def _one(
    api: str, client: httpx.AsyncClient, card: dict[str, Any], meters: list[str], raced: Raced, chance: random.Random
) -> Acknowledged:
    async def racer(number: int) -> httpx.Response | None:
        headers = {**source(), "Idempotency-Key": f"race-{card['serial']}-{number}-{chance.getrandbits(64):x}"}
        body = {"serial": card["serial"], "code": card["code"], "number": meters[number % len(meters)]}
        for _ in range(TRIES):
            try:
                return await client.post(f"{api}/redemptions", json=body, headers=headers, timeout=60)
            except httpx.HTTPError as error:  # a connection that broke off says nothing: asked again under the same key
                raced.broken_off[type(error).__name__] += 1
        return None

    replies = await asyncio.gather(*(racer(number) for number in range(raced.racers)))
    raced.answers.update(0 if reply is None else reply.status_code for reply in replies)
    winners = [reply.json() for reply in replies if reply is not None and reply.status_code == 202]
    if len(winners) > 1:
        raced.violations.append(f"{len(winners)} people were told that they redeem the card {card['serial']}")
    for reply in replies:
        if reply is not None and reply.status_code not in (202, *LOSES):
            raced.violations.append(f"the card {card['serial']}: somebody was answered {reply.status_code}")
    if winners:
        return Acknowledged(card, winners[0]["redemption_id"], winners[0]["status"], winners[0]["position"])
    raced.untaken += 1
    return await redeem(api, client, card, meters[0])


def _compare(portal: Running, code: str, printed: list[dict[str, Any]], done: list[Acknowledged], raced: Raced) -> None:
    log = Log(portal.dsn, code)
    here = Counter(event.state["redemption_id"] for event in log.on("card-redeemed"))
    numbers = {event.state["redemption_id"]: event.state["receipt"]["juice_number"] for event in log.on("card-redeemed")}
    at_juice: dict[str, list[str]] = {card["serial"]: [] for card in printed}
    for sale in books.sales(portal.folder, code):
        if sale["serial"] in at_juice:
            at_juice[sale["serial"]].append(sale["transaction"])
    raced.credits_here = sum(here[each.redemption_id] for each in done)
    raced.credits_at_juice = sum(map(len, at_juice.values()))
    for each in done:
        serial = each.card["serial"]
        if here[each.redemption_id] != 1 or at_juice[serial] != [numbers.get(each.redemption_id)]:
            told = f"{here[each.redemption_id]} times here and {len(at_juice[serial])} times at Juice"
            raced.violations.append(f"the card {serial} was credited {told}")
    if (raced.credits_here, raced.credits_at_juice) != (raced.cards, raced.cards):
        raced.violations.append(f"{raced.cards} cards, {raced.credits_here} credits here, {raced.credits_at_juice} at Juice")
