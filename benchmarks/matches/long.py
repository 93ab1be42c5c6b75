"""What takes long: a log of ten million events, and an hour's load."""

from __future__ import annotations

from benchmarks.match import Entrant, Match
from benchmarks.matches.append import TASK
from benchmarks.results import Bar, Benchmark, amount, each_ms

SIZE = Match(
    {
        "large": Entrant("benchmarks.seed.append", {"prefilled": 10_000_000}),
        "small": Entrant("benchmarks.seed.append", {"prefilled": 10_000}),
    },
    (
        Benchmark(
            "append.size",
            "a command on a log of 10 million events, beside one on a log of 10,000; 64 in flight",
            "ms",
            each_ms,
            ("small",),
            Bar("≤", 1.2),
            ours="large",
        ),
    ),
    {**TASK, "work": "load20", "wallets": 2000, "events": 20, "keyed": True, "seconds": 5.0},
    is_long=True,
)

MEMORY = Match(
    {
        "at start": Entrant("benchmarks.seed.memory", {"seconds": 60.0}),
        "after an hour": Entrant("benchmarks.seed.memory", {"seconds": 3600.0}),
    },
    (
        Benchmark(
            "memory",
            "web worker, projector and vendor after an hour of a busy day's mix, beside the first minute",
            "MiB",
            amount,
            ("at start",),
            Bar("≤", 1.2),
            ours="after an hour",
        ),
    ),
    {"rate": 30.0},
    rounds=1,
    is_long=True,
    portal=True,
)

LONG = (SIZE, MEMORY)
