"""From trials to figures: medians, ratios, and whether a bar holds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from benchmarks.contestant import told
from benchmarks.rounds import ContestantFailed, Trial, Trials

OURS = "seed"


def rate(trial: Trial) -> float:
    """How much a second."""
    return trial.count / trial.seconds


def each_ms(trial: Trial) -> float:
    """Milliseconds for one."""
    return trial.seconds / trial.count * 1000


def p99_ms(trial: Trial) -> float:
    """Milliseconds in which 99 of 100 were done."""
    if trial.p99_ms is None:
        raise ContestantFailed("it told no percentiles")
    return trial.p99_ms


def seconds(trial: Trial) -> float:
    """Seconds for all of it."""
    return trial.seconds


def amount(trial: Trial) -> float:
    """How much in all."""
    return trial.count


class Bar(NamedTuple):
    """What is promised, and the `goal` behind it: of the ratio, or, where there is nobody to compare with, of the value."""

    sign: Literal["≥", "≤"]
    figure: float | None
    goal: float | None = None
    of: Literal["ratio", "value"] = "ratio"

    def __str__(self) -> str:
        unit = "×" if self.of == "ratio" else ""
        parts = (f"{self.figure:g}{unit}" if self.figure is not None else "", f"({self.goal:g}{unit})" if self.goal else "")
        return " ".join((self.sign, *filter(None, parts)))


class Benchmark(NamedTuple):
    """One line of the table: what `ours` does, measured by `by`, against the best of `against`.

    `as_one`: all rounds are counted as one, where a single one has too few for the percentile that is looked at.
    """

    name: str
    what: str
    unit: str
    by: Callable[[Trial], float]
    against: tuple[str, ...] = ()
    bar: Bar | None = None
    ours: str = OURS
    as_one: bool = False

    @property
    def fast_is(self) -> Callable[[Sequence[float]], int]:
        """Which place of several figures is the best one's."""
        best = max if self.by is rate else min
        return lambda figures: list(figures).index(best(figures))

    def counted(self, trials: Sequence[Trial]) -> Sequence[Trial]:
        """This will give the rounds of a contestant as they count here."""
        return [together(trials)] if self.as_one else trials


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A line of results.json. `against` is the peer that did best; without one there is no ratio."""

    value: float
    unit: str
    against: str | None
    ratio: float | None
    runs: int
    p50_ms: float | None
    p99_ms: float | None


def result(benchmark: Benchmark, trials: Trials) -> Result | None:
    """This will give the benchmark's figures; None where we did not finish ourselves.

    The ratio is the median of the rounds' ratios: in a round both had the machine in the same mood.
    """
    if not trials.get(benchmark.ours):
        return None
    own = benchmark.counted(trials[benchmark.ours])
    peers = {name: benchmark.counted(trials[name]) for name in benchmark.against if trials.get(name)}
    best = list(peers)[benchmark.fast_is([median(each, benchmark.by) for each in peers.values()])] if peers else None
    ratio = None
    if best is not None:
        ratio = statistics.median(benchmark.by(a) / benchmark.by(b) for a, b in zip(own, peers[best], strict=True))
    return Result(
        value=median(own, benchmark.by),
        unit=benchmark.unit,
        against=best,
        ratio=ratio,
        runs=len(trials[benchmark.ours]),
        p50_ms=median_of(own, "p50_ms"),
        p99_ms=median_of(own, "p99_ms"),
    )


def together(trials: Sequence[Trial]) -> Trial:
    """This will count the rounds of a contestant as one. Raises ContestantFailed where it did not tell what each took."""
    took: list[float] = []
    for trial in trials:
        if trial.took_s is None:
            raise ContestantFailed("it did not tell what each took")
        took += trial.took_s
    seconds = sum(trial.seconds for trial in trials)
    return Trial(**told(took, seconds), cpu_s=sum(trial.cpu_s for trial in trials), took_s=took)


def median(trials: Sequence[Trial], by: Callable[[Trial], float]) -> float:
    """This will give the median of what the rounds came to."""
    return statistics.median(map(by, trials))


def median_of(trials: Sequence[Trial], name: str) -> float | None:
    """This will give the median of a figure that not every contestant tells."""
    told = [value for trial in trials if (value := getattr(trial, name)) is not None]
    return statistics.median(told) if told else None


def cpu_per_thousand(trials: Sequence[Trial]) -> float:
    """This will give the seconds of processor time that a thousand cost, the median of the rounds."""
    return statistics.median(trial.cpu_s / trial.count * 1000 for trial in trials)


def holds(bar: Bar | None, of: Result) -> bool | None:
    """This will say whether the bar holds; None where there is none, or nobody to compare with."""
    figure = None if bar is None else of.ratio if bar.of == "ratio" else of.value
    if bar is None or bar.figure is None or figure is None:
        return None
    return figure >= bar.figure if bar.sign == "≥" else figure <= bar.figure


def write(path: Path, results: Mapping[str, Result]) -> None:
    """This will write the results, beside those of other benchmarks that are there already."""
    known = msgspec.json.decode(path.read_bytes(), type=dict[str, Result]) if path.exists() else {}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(known | dict(results)), indent=2) + b"\n")
