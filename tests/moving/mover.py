"""A mover that kills itself at a step: `python -m tests.moving.mover HOME WHAT TO STEP`.

WHAT is to, back or finish; TO an address or "home"; STEP the one after which kill -9 comes, or "none". It prints the steps.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from psycopg import Connection

from eventlog.moving import Mover, Step
from eventlog.schema import create_utility_schema
from tests.eventlog.scenes import secrets
from tests.pg import UTILITY_SCHEMA

SEEN = f"CREATE TABLE IF NOT EXISTS {UTILITY_SCHEMA}.seen (position bigint PRIMARY KEY, times bigint NOT NULL)"


def make_tables(connection: Connection[Any]) -> None:
    """This will make the log, and the table in which the follower notes."""
    create_utility_schema(connection, UTILITY_SCHEMA)
    connection.execute(SEEN)


def main(home: str, what: str, to: str, killed_after: str) -> None:
    def step(name: Step) -> None:
        print(name, flush=True)
        if name == killed_after:
            os.kill(os.getpid(), signal.SIGKILL)

    with Mover(home, "test", UTILITY_SCHEMA, secrets(), make_tables, step=step) as mover:
        if what == "to":
            mover.to(None if to == "home" else to)
        elif what == "back":
            mover.back()
        else:
            mover.finish()
        print(f"held {mover.held_s}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
