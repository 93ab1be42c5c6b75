"""Appending: what a command costs from its decision to the log, with one or 64 in flight in one process."""

from __future__ import annotations

from benchmarks.match import Entrant, Match
from benchmarks.results import Bar, Benchmark, each_ms, rate

UNIT = "commands/s"

KEYED = Entrant("benchmarks.seed.append", {"keyed": True})
UNKEYED = Entrant("benchmarks.seed.append", {"keyed": False})
LIBRARY = Entrant("benchmarks.peers.eventsourcing_append")
CRUD = Entrant("benchmarks.peers.crud_append", {"connections": 16})

MESSAGE_DB = Entrant("benchmarks.peers.message_db_append", {"connections": 16}, needs=("node",))
UMADB = Entrant("benchmarks.peers.umadb_append", needs=("python",))
EMMETT = Entrant("emmett_append.mjs", needs=("node",))

TASK = {"callers": 64, "seconds": 2.0, "warm_up_s": 1.0, "keyed": False}
"""Every key beside the task's own is there for all, so that what an entrant is told stands in one place."""

CREATE = Match(
    {
        "seed": KEYED,
        "seed unkeyed": UNKEYED,
        "eventsourcing": LIBRARY,
        "message-db": MESSAGE_DB,
        "umadb": UMADB,
        "emmett": EMMETT,
        "crud": CRUD,
    },
    (
        Benchmark(
            "append.create.64",
            "a new aggregate, 64 in flight, one process",
            UNIT,
            rate,
            ("eventsourcing",),
            Bar("≥", 20, 40),
        ),
        Benchmark(
            "append.create.64.best_peer",
            "the same",
            UNIT,
            rate,
            ("message-db", "umadb", "emmett", "crud"),
            Bar("≥", 2.5, 6),
        ),
        Benchmark(
            "append.create.64.unkeyed",
            "the same without an Idempotency-Key, as the feeds give them and the peers have it",
            UNIT,
            rate,
            ("message-db", "umadb", "emmett", "crud"),
            ours="seed unkeyed",
        ),
    ),
    {**TASK, "work": "create"},
)

ALONE = Match(
    {
        "seed": UNKEYED,
        "pgbench": Entrant("benchmarks.peers.pgbench", {"keyed": False}),
        "seed keyed": KEYED,
        "pgbench keyed": Entrant("benchmarks.peers.pgbench", {"keyed": True}),
    },
    (
        Benchmark("append.create.1", "one at a time, as the feeds give them", UNIT, rate, ("pgbench",), Bar("≥", 0.5, 0.8)),
        Benchmark(
            "append.create.1.keyed",
            "one at a time under an Idempotency-Key, as the API gives them; pgbench claims and answers too",
            UNIT,
            rate,
            ("pgbench keyed",),
            ours="seed keyed",
        ),
    ),
    {**TASK, "work": "create", "callers": 1},
)

LOADED = Match(
    {"seed": KEYED, "eventsourcing": LIBRARY, "crud": CRUD},
    (
        Benchmark(
            "append.load20.64",
            "a wallet of 20 events: load, decide, append",
            UNIT,
            rate,
            ("eventsourcing",),
            Bar("≥", 20, 50),
        ),
        Benchmark("append.load20.64.crud", "the same", UNIT, rate, ("crud",), Bar("≥", 3, 9)),
    ),
    {**TASK, "work": "load20", "wallets": 2000, "events": 20},
)

WORKERS = Match(
    {
        "2 workers": Entrant("benchmarks.seed.workers", {"workers": 2}),
        "1 worker": Entrant("benchmarks.seed.workers", {"workers": 1}),
    },
    (
        Benchmark(
            "append.workers",
            "two worker processes, 64 in flight each; a follower misses nothing",
            UNIT,
            rate,
            ("1 worker",),
            Bar("≥", 1.2, 1.7),
            ours="2 workers",
        ),
    ),
    {**TASK, "work": "create", "keyed": True},
)

AGE = Match(
    {
        "old": Entrant("benchmarks.seed.append", {"wallets": 1, "events": 10_000, "others": 2000}),
        "young": Entrant("benchmarks.seed.append", {"wallets": 2000, "events": 10}),
    },
    (
        Benchmark(
            "append.age",
            "a command on a wallet of 10,000 events, beside one on a wallet of 10",
            "ms",
            each_ms,
            ("young",),
            Bar("≤", 1.2, 1.05),
            ours="old",
        ),
    ),
    {**TASK, "work": "load20", "callers": 1},
)

APPEND = (CREATE, ALONE, LOADED, WORKERS, AGE)
