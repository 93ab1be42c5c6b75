"""What the logs of a running portal's utilities hold."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

import psycopg
from psycopg import sql

from tests.running import Running

LOOK_AGAIN_S = 0.5


def positions(portal: Running) -> set[int]:
    """This will give the positions of all events, of every utility."""
    return {row[0] for row in _rows(portal, "SELECT notification_id FROM {}")}


def credits_of(portal: Running, redemptions: Collection[str], *, patience_s: float) -> Counter[str]:
    """This will wait until each redemption has its credit, for so long at most, and count the credits of each."""
    deadline = time.monotonic() + patience_s
    credited = "SELECT convert_from(state, 'UTF8')::jsonb ->> 'redemption_id' FROM {} WHERE topic = 'card-redeemed'"
    while True:
        found = Counter(row[0] for row in _rows(portal, credited) if row[0] in redemptions)
        if len(found) == len(redemptions) or time.monotonic() > deadline:
            return found
        time.sleep(LOOK_AGAIN_S)


def _rows(portal: Running, query: Any) -> Iterator[tuple[Any, ...]]:
    with psycopg.connect(portal.dsn) as connection:
        for utility in portal.demo["utilities"]:
            yield from connection.execute(sql.SQL(query).format(sql.Identifier(f"u_{utility['code']}", "events")))
