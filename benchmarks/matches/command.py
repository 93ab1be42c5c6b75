"""A command over HTTP: a card is redeemed, Juice answering at once."""

from __future__ import annotations

from benchmarks.match import Entrant, Match
from benchmarks.results import Bar, Benchmark, rate

COMMAND = (
    Match(
        {
            "seed": Entrant("benchmarks.seed.http", {"redeems": True}, needs=("wrk",)),
            "fastify": Entrant(
                "benchmarks.peers.http",
                {"server": "fastify_server.mjs", "path": "/redemptions", "redeems": True},
                needs=("wrk", "node"),
            ),
        },
        (
            Benchmark(
                "command.http",
                "a card is redeemed; the peer changes a row and inserts two",
                "requests/s",
                rate,
                ("fastify",),
                Bar("≥", 1, 2),
            ),
        ),
        {"seconds": 3.0},
        portal=True,
        instant_juice=True,
    ),
)
