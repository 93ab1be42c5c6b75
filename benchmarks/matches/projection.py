"""Projections: how fast read models catch up with a log, and how soon they show what was appended."""

from __future__ import annotations

from benchmarks.match import Entrant, Match
from benchmarks.results import Bar, Benchmark, p99_ms, rate

UNIT = "events/s"

CATCH_UP = Match(
    {
        "seed": Entrant("benchmarks.seed.projection", {"what": "dashboard"}),
        "sql": Entrant("benchmarks.peers.sql_projection", {"batch": 1000}, shares="seed"),
        "eventsourcing": Entrant("benchmarks.peers.eventsourcing_projection", {"seconds": 4.0}),
    },
    (
        Benchmark(
            "projection.one",
            "catch-up of the dashboard with 200,000 events of 10,000 accounts",
            UNIT,
            rate,
            ("eventsourcing",),
            Bar("≥", 80, 110),
        ),
        Benchmark("projection.sql", "the same", UNIT, rate, ("sql",), Bar("≥", 0.75, 0.95)),
    ),
    {"accounts": 10_000, "events": 200_000},
)

ALL = Match(
    {
        "seed": Entrant("benchmarks.seed.projection", {"what": "dashboard"}),
        "seed all": Entrant("benchmarks.seed.projection", {"what": "all"}, shares="seed"),
    },
    (
        Benchmark(
            "projection.all",
            "all read models in one pass, beside the dashboard alone",
            UNIT,
            rate,
            ("seed",),
            Bar("≥", 0.4, 0.8),
            ours="seed all",
        ),
    ),
    {"accounts": 10_000, "events": 40_000},
)
"""A shorter log: a rate needs no more, and everything takes its time."""

LAG = Match(
    {"seed": Entrant("benchmarks.seed.lag")},
    (
        Benchmark(
            "projection.lag",
            "from the acknowledgement of an append until it is visible, under half load, 99 of 100",
            "ms",
            p99_ms,
            bar=Bar("≤", None, 50, of="value"),
        ),
    ),
    {"callers": 64, "seconds": 5.0, "wallets": 1000, "events": 20},
)

REBUILD = Match(
    {
        "rebuilding": Entrant("benchmarks.seed.rebuilding", {"options": [], "grows": True}),
        "at full speed": Entrant("benchmarks.seed.rebuilding", {"options": ["--full-speed"]}),
        "in peace": Entrant("benchmarks.seed.rebuilding", {"options": None}),
    },
    (
        Benchmark(
            "rebuild.live",
            "the dashboard while its read model is built anew, 99 of 100, beside the same without",
            "ms",
            p99_ms,
            ("in peace",),
            Bar("≤", 1.5),
            ours="rebuilding",
            as_one=True,
        ),
        Benchmark(
            "rebuild.live.full_speed",
            "the same by a rebuild that takes no rests",
            "ms",
            p99_ms,
            ("in peace",),
            ours="at full speed",
            as_one=True,
        ),
    ),
    {"seconds": 12.0, "rate": 40.0, "accounts": 5000, "events": 45_000},
    rounds=8,
    portal=True,
)

PROJECTION = (CATCH_UP, ALL, LAG, REBUILD)
