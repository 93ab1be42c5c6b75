"""Contestants side by side: each works once a round, in an order that shifts, so that none always has the machine at its best."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What one contestant did in one round. `cpu_s` is its own processor time and the database's, in seconds.

    `took_s`: the seconds of each, told where all rounds are to be counted as one.
    """

    count: float
    seconds: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_s: float = 0.0
    took_s: Sequence[float] | None = None


class ContestantFailed(Exception):
    """A contestant could not prepare or work; the message says why."""


class Contestant(Protocol):
    """Whoever works when asked. Raises ContestantFailed."""

    def run(self) -> Trial:
        """This will work once."""
        ...


Trials = Mapping[str, Sequence[Trial]]
"""Contestant -> what it did, round by round: the same place is the same round."""


def orders(names: Sequence[str], rounds: int) -> Iterator[Sequence[str]]:
    """This will give the order of each round: everybody comes first, then second … as often as everybody else."""
    for number in range(rounds):
        first = number % len(names) if names else 0
        yield [*names[first:], *names[:first]]


def interleaved(
    contestants: Mapping[str, Contestant], rounds: int, *, failed: Callable[[str, str], None], step: Callable[[str], None]
) -> Trials:
    """This will run them all, round by round. One that fails is told of by `failed` and left out, from its first round on."""
    trials: dict[str, list[Trial]] = {name: [] for name in contestants}
    for order in orders(list(contestants), rounds):
        for name in (each for each in order if each in trials):
            step(name)
            try:
                trials[name].append(contestants[name].run())
            except ContestantFailed as failure:
                del trials[name]
                failed(name, str(failure))
    return trials
