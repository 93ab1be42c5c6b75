"""Run as a program: offers a whole portal twice the load it can do, for a minute, and says whether the promises hold.

`python -m benchmarks.overload`; the last line is `violations: V`, and the status 1 where V is not 0.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks import log, mix
from benchmarks.load import SHED, Kind, Outcome, Outcomes, Plan
from benchmarks.verdicts import Verdicts, percentile
from benchmarks.watch import SEED, Watch
from tests.running import ROOT, Running, running
from tests.torture.books import print_cards

CALLERS = 16
"""In the closed loop that finds the saturation rate: as many as the two web processes let in at once, by default."""

WARM_UP_S, SATURATION_S, OVERLOAD_S = 5.0, 10.0, 60.0
TIMES = 2.0

ACCEPTED_WITHIN = 2.0
"""Seconds in which 99 of 100 requests that were let in are answered: SEED_PATIENCE, and as long again for the work."""

SHED_AT_ONCE, SHED_WITHIN = 0.1, 1.5
"""Seconds: half of those sent away know it in the one, 99 of 100 in the other (SEED_PATIENCE, and half of it to be told)."""

KEPT = 0.6
"""Of what is done of just that mix where nobody is sent away, at least: what moves money costs most, and is let in first."""

CARDS = 400
"""More of each utility, so that they last for all of it."""

GROWTH_MIB = 10.0
"""By which a process of Seed may grow from the overload's first quarter to its last."""

CAUGHT_UP_WITHIN, ENDED_WITHIN = 30.0, 60.0
"""Seconds after the last answer: for followers, and for the last redemption's end."""


@click.command()
@click.option("--seconds", default=OVERLOAD_S, show_default=True, help="How long the overload lasts.")
@click.option("--seed", default=1, show_default=True, help="Of the mix; the same seed offers the same.")
def main(seconds: float, seed: int) -> None:
    """Offer twice the saturation rate, and check what Seed promises about that."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with (
        tempfile.TemporaryDirectory(prefix="seed-overload-") as folder,
        Progress(*columns, transient=True, disable=not sys.stdout.isatty()) as bar,
    ):
        bar.add_task("starting the portal", total=None)
        with running(Path(folder)) as portal:
            verdicts = asyncio.run(_measured(portal, seconds, seed, bar))
    click.echo(verdicts.report())
    sys.exit(1 if verdicts.violations else 0)


async def _measured(portal: Running, seconds: float, seed: int, bar: Progress) -> Verdicts:
    verdicts = Verdicts()
    for utility in portal.demo["utilities"]:
        utility["cards"] += print_cards(portal.folder, utility["code"], CARDS, random.Random(seed))  # noqa: S311 (a mix)
    kinds = await asyncio.to_thread(mix.kinds, portal.demo)
    cards = sum(len(kind.requests) for kind in kinds if kind.name == "redemption")
    many = {kind.name: kind for kind in kinds if not kind.once}

    async def load(what: str, plan_seconds: float, of: Sequence[Kind], **how: Any) -> Outcomes:
        plan = Plan(port=portal.port, seconds=plan_seconds, kinds=list(of), seed=seed, **how)
        return await _sent(plan, what, bar)

    await load("warming up", WARM_UP_S, list(many.values()), callers=CALLERS)
    # Half of what can be done once only is kept for the overload, and a quarter for the comparison after it.
    parts = [_part(kinds, (0,)), _part(kinds, (1, 2)), _part(kinds, (3,))]
    found = await load("finding the saturation rate", SATURATION_S, parts[0], callers=CALLERS)
    saturation = sum(is_accepted(each) for each in found.outcomes) / SATURATION_S
    verdicts.say(f"saturation rate: {saturation:.0f} requests a second, answered to {CALLERS} callers")
    verdicts.hold(saturation > 0, "the portal answers at all")

    watch = Watch(portal)
    watch.start()
    offered = await load("offering twice of that", seconds, parts[1], rate=saturation * TIMES)
    lag = await asyncio.to_thread(watch.until_caught_up, CAUGHT_UP_WITHIN)
    watch.end()
    let_in = Counter(each.kind for each in offered.outcomes if is_accepted(each))
    same_mix = [msgspec.structs.replace(kind, share=let_in[kind.name]) for kind in parts[2]]
    alone = await load("doing just what was let in", SATURATION_S, same_mix, callers=CALLERS)
    possible = sum(is_accepted(each) for each in alone.outcomes) / SATURATION_S
    _judge_answers(verdicts, offered.outcomes, saturation, possible, seconds)
    _judge_memory(verdicts, watch, seconds)
    verdicts.hold(
        lag is not None,
        f"lag back at zero {f'{lag:.1f} s' if lag is not None else 'never'} after the last answer"
        f" (highest: {max((max(seen.behind.values()) for seen in watch.seen if seen.behind), default=0)} events)",
    )
    verdicts.say(f"cards: {cards}, of which {len(offered.left['redemption'])} are left")
    bar.add_task("waiting for the last redemption", total=None)
    await asyncio.to_thread(_judge_commands, verdicts, portal, [*found.outcomes, *offered.outcomes, *alone.outcomes])
    faults = portal.unexpected()
    verdicts.hold(not faults, f"{len(faults)} errors that nobody foresaw in the web's log")
    verdicts.hold(portal.restarts == 0, f"{portal.restarts} processes died")
    return verdicts


async def _sent(plan: Plan, what: str, bar: Progress) -> Outcomes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.load", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    task = bar.add_task(what, total=plan.seconds)
    answer = asyncio.create_task(process.communicate(msgspec.msgpack.encode(plan)))
    while not (await asyncio.wait({answer}, timeout=0.5))[0]:
        bar.advance(task, 0.5)
    bar.remove_task(task)
    written, _ = answer.result()
    return msgspec.msgpack.decode(written, type=Outcomes)


def is_accepted(outcome: Outcome) -> bool:
    """Whether a request was let in: it was answered, and with anything but 503."""
    return outcome.status not in (0, SHED)


def _part(kinds: Sequence[Kind], quarters: Sequence[int]) -> list[Kind]:
    """This will give every kind, with some quarters of what can be done once only."""
    return [
        msgspec.structs.replace(kind, requests=[each for n, each in enumerate(kind.requests) if n % 4 in quarters])
        if kind.once
        else kind
        for kind in kinds
    ]


def _judge_answers(verdicts: Verdicts, outcomes: Sequence[Outcome], saturation: float, possible: float, seconds: float) -> None:
    accepted = [each.took for each in outcomes if is_accepted(each)]
    shed = [each.took for each in outcomes if each.status == SHED]
    rate = len(outcomes) / seconds
    verdicts.hold(rate >= saturation * TIMES * 0.95, f"offered: {rate:.0f}/s, {rate / saturation:.2f} times the saturation rate")
    done = len(accepted) / seconds
    verdicts.hold(
        done >= possible * KEPT,
        f"accepted: {done:.0f}/s, {done / possible:.0%} of the {possible:.0f}/s of just that mix where nobody is sent away"
        f" (at least {KEPT:.0%})",
    )
    verdicts.hold(len(shed) > 0, f"shed: {len(shed) / seconds:.0f}/s, {len(shed) / len(outcomes):.0%} of what was offered")
    silent = [each for each in outcomes if each.status == SHED and not each.retry_after]
    verdicts.hold(not silent, f"{len(silent)} of them without Retry-After")
    verdicts.hold(percentile(shed, 50) <= SHED_AT_ONCE, f"shed: p50 {_ms(shed, 50)} (at most {SHED_AT_ONCE} s)")
    verdicts.hold(percentile(shed, 99) <= SHED_WITHIN, f"shed: p99 {_ms(shed, 99)} (at most {SHED_WITHIN} s)")
    worst = percentile(accepted, 99)
    said = f"accepted: p50 {_ms(accepted, 50)}, p99 {_ms(accepted, 99)} (at most {ACCEPTED_WITHIN} s)"
    verdicts.hold(worst <= ACCEPTED_WITHIN, said)
    for name in sorted({each.kind for each in outcomes}):
        of = [each for each in outcomes if each.kind == name]
        took = [each.took for each in of if is_accepted(each)]
        statuses = dict(sorted(Counter(each.status for each in of).items()))
        verdicts.say(f"  {name:<11} {statuses} p50 {_ms(took, 50)}, p99 {_ms(took, 99)}")
    odd = Counter(each.status for each in outcomes if each.status == 0 or (each.status >= 500 and each.status != SHED))
    verdicts.hold(not odd, f"{odd.total()} answered with another error or not at all {dict(odd)}")


def _ms(seconds: Sequence[float], percent: float) -> str:
    return f"{percentile(seconds, percent) * 1000:.0f} ms"


def _judge_memory(verdicts: Verdicts, watch: Watch, seconds: float) -> None:
    seen = [each for each in watch.seen if each.at <= seconds]
    ill = sum(not each.is_well for each in seen)
    verdicts.hold(len(seen) >= 4 and not ill, f"health: {len(seen) - ill} of {len(seen)} looks answered")
    blind = sum(each.behind is None for each in seen)
    verdicts.hold(not blind, f"figures: {len(seen) - blind} of {len(seen)} looks answered")
    quarter = max(1, len(seen) // 4)
    for name in seen[0].memory if seen else ():
        first, early, late, after = (
            sum(each.memory.get(name, 0.0) for each in part) / len(part)
            for part in (seen[:1], seen[:quarter], seen[-quarter:], watch.seen[-1:])
        )
        said = f"memory of {name}: {first:.0f} MiB at first, {early:.0f} to {late:.0f} during the load, {after:.0f} after it"
        if name.split()[0] in SEED:
            verdicts.hold(late - early <= GROWTH_MIB, said)
        else:
            verdicts.say(said)  # its shared buffers fill up to their size, by design


def _judge_commands(verdicts: Verdicts, portal: Running, outcomes: Sequence[Outcome]) -> None:
    told = [(each.kind, json.loads(each.told)) for each in outcomes if each.told]
    lost = {int(said["position"]) for _, said in told} - log.positions(portal)
    verdicts.hold(bool(told) and not lost, f"commands: {len(told)} acknowledged, {len(lost)} not in the log")
    redemptions = [said["redemption_id"] for kind, said in told if kind == "redemption"]
    credits = log.credits_of(portal, redemptions, patience_s=ENDED_WITHIN)
    twice = sum(count > 1 for count in credits.values())
    said = f"redemptions: {len(redemptions)} acknowledged, {len(credits)} ended with a credit, {twice} with more than one"
    verdicts.hold(len(credits) == len(redemptions) and not twice, said)


if __name__ == "__main__":
    main()
