"""The table that is printed: every figure, its ratio, what it cost, and whether its bar holds."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from benchmarks.match import Match
from benchmarks.results import Benchmark, Result, cpu_per_thousand, holds, median, result
from benchmarks.rounds import Trials

KEPT = {True: "[green]holds[/]", False: "[red]MISSED[/]", None: "–"}


class Report:
    """Gathers what the matches came to."""

    def __init__(self) -> None:
        self.results: dict[str, Result] = {}
        self.left_out: dict[str, str] = {}
        self.missed: list[str] = []
        self.not_measured: list[str] = []
        self._table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for title in ("benchmark", "value", "against", "its value", "ratio", "bar", "", "p50/p99 ms", "CPU s/1000"):
            self._table.add_column(title, justify="left" if title in ("benchmark", "against", "") else "right", no_wrap=True)

    def leave_out(self, name: str, reason: str) -> None:
        """This will note that a peer is left out, and why."""
        self.left_out[name] = reason

    def take(self, match: Match, trials: Trials) -> None:
        """This will add a line for each benchmark of a match."""
        for benchmark in match.benchmarks:
            found = result(benchmark, trials)
            if found is None:
                self.not_measured.append(benchmark.name)
                self._table.add_row(benchmark.name, "not measured")
                continue
            self.results[benchmark.name] = found
            if holds(benchmark.bar, found) is False:
                self.missed.append(benchmark.name)
            self._table.add_row(*_line(benchmark, found, trials))

    def table(self) -> Table:
        """This will give the table."""
        return self._table

    def notes(self) -> Sequence[str]:
        """This will give the lines below it: who was left out, and what does not hold."""
        lines = [f"left out: {name}: {reason}" for name, reason in self.left_out.items()]
        lines += [f"not measured: {name}" for name in self.not_measured]
        held = len([1 for name in self.results if name not in self.missed])
        return [*lines, f"bars missed: {len(self.missed)}{_named(self.missed)} of {held + len(self.missed)} measured"]


def _named(names: Sequence[str]) -> str:
    return f" ({', '.join(names)})" if names else ""


def _line(benchmark: Benchmark, found: Result, trials: Trials) -> Sequence[str]:
    own = benchmark.counted(trials[benchmark.ours])
    cost = f"{cpu_per_thousand(own):.2f}"
    theirs = ""
    if found.against is not None:
        peer = benchmark.counted(trials[found.against])
        theirs = figure(median(peer, benchmark.by))
        cost += f" / {cpu_per_thousand(peer):.2f}"
    return (
        benchmark.name,
        f"{figure(found.value)} {found.unit}",
        found.against or "–",
        theirs,
        f"{found.ratio:.2f}×" if found.ratio is not None else "–",
        str(benchmark.bar) if benchmark.bar else "–",
        KEPT[holds(benchmark.bar, found)],
        f"{figure(found.p50_ms)}/{figure(found.p99_ms)}" if found.p50_ms is not None else "",
        cost,
    )


def figure(value: float | None) -> str:
    """This will write a figure with three digits that mean something."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
