"""Replay: a long history, read and folded from the database."""

from __future__ import annotations

from benchmarks.match import Entrant, Match
from benchmarks.results import Bar, Benchmark, rate

REPLAY = (
    Match(
        {
            "seed": Entrant("benchmarks.seed.replay", {"what": "history"}),
            "seed wallet": Entrant("benchmarks.seed.replay", {"what": "wallet"}),
            "eventsourcing": Entrant("benchmarks.peers.eventsourcing_replay"),
        },
        (
            Benchmark(
                "replay.10k",
                "an account's history of 10,000 events, read and folded",
                "events/s",
                rate,
                ("eventsourcing",),
                Bar("≥", 10, 16),
            ),
            Benchmark(
                "replay.10k.wallet",
                "a wallet of 10,000 events, loaded as a command does",
                "events/s",
                rate,
                ("eventsourcing",),
                ours="seed wallet",
            ),
        ),
        {"events": 10_000, "seconds": 1.5},
    ),
)
