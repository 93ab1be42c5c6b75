"""Starting: everything on one machine, where it was set up before."""

from __future__ import annotations

from benchmarks.match import Entrant, Match
from benchmarks.results import Bar, Benchmark, seconds

START = (
    Match(
        {"seed": Entrant("benchmarks.seed.start")},
        (
            Benchmark(
                "start", "`make run` for the second time, until the first page", "s", seconds, bar=Bar("≤", None, 4, of="value")
            ),
        ),
    ),
)
