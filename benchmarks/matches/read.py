"""Reads: the dashboard of customers who are logged in, asked over 32 connections of two worker processes."""

from __future__ import annotations

from benchmarks.match import Entrant, Match
from benchmarks.results import Bar, Benchmark, rate

UNIT = "requests/s"

READ = (
    Match(
        {
            "seed": Entrant("benchmarks.seed.http", {"path": "/api/v1/me"}, needs=("wrk",)),
            "fastify": Entrant(
                "benchmarks.peers.http", {"server": "fastify_server.mjs", "path": "/dashboard"}, needs=("wrk", "node")
            ),
            "fastapi": Entrant(
                "benchmarks.peers.http",
                {"server": "benchmarks.peers.fastapi_server", "path": "/dashboard"},
                needs=("wrk", "python"),
            ),
            "seed page": Entrant("benchmarks.seed.http", {"path": "/dashboard"}, needs=("wrk",)),
            "django": Entrant(
                "benchmarks.peers.http",
                {"server": "benchmarks.peers.django_server", "path": "/dashboard"},
                needs=("wrk", "python"),
            ),
        },
        (
            Benchmark("read.dashboard", "the dashboard as JSON, session checked", UNIT, rate, ("fastify",), Bar("≥", 1.2, 2)),
            Benchmark("read.dashboard.fastapi", "the same", UNIT, rate, ("fastapi",), Bar("≥", 3, 5)),
            Benchmark(
                "read.page", "the dashboard as a page, session checked", UNIT, rate, ("django",), Bar("≥", 5), ours="seed page"
            ),
        ),
        {"seconds": 3.0},
        portal=True,
    ),
)
