"""The log as a torture reads it: straight from the table, as an auditor would."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql

MONEY = ("card-redeemed", "power-purchased", "transaction-recorded")
"""Topics of events that move a wallet; each holds a `receipt`."""


class Written(NamedTuple):
    """An event in the log."""

    topic: str
    aggregate: UUID
    position: int
    state: dict[str, Any]


class Log:
    """One utility's log, as it is at this moment."""

    def __init__(self, dsn: str, utility: str, after: int = 0) -> None:
        self.schema = f"u_{utility}"
        query = sql.SQL(
            "SELECT topic, originator_id, notification_id, state FROM {} WHERE notification_id > %s ORDER BY notification_id"
        ).format(sql.Identifier(self.schema, "events"))
        with psycopg.connect(dsn) as connection:
            rows = connection.execute(query, [after]).fetchall()
        self.events = [Written(topic, aggregate, position, json.loads(state)) for topic, aggregate, position, state in rows]
        self.positions = {event.position for event in self.events}
        self.of: dict[UUID, list[Written]] = defaultdict(list)
        for event in self.events:
            self.of[event.aggregate].append(event)

    def on(self, *topics: str) -> list[Written]:
        """This will give the events of some topics, in order."""
        return [event for event in self.events if event.topic in topics]


def last_position(dsn: str, utility: str) -> int:
    """This will give the position of the log's last event; 0 where there is none."""
    query = sql.SQL("SELECT coalesce(max(notification_id), 0) FROM {}").format(sql.Identifier(f"u_{utility}", "events"))
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
