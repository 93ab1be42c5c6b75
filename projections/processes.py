"""Which purchases and redemptions belong to a time? Read off their two read models; what they are is for the log to say."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg import sql

from projections.view import View

Process = Literal["purchase", "redemption"]

TABLES: tuple[tuple[Process, str, str, str], ...] = (
    ("purchase", "purchases", "purchase_id", "requested_at"),
    ("redemption", "redemptions", "redemption_id", "reserved_at"),
)
"""Each kind, its table, and the columns of its id and of when it began."""


class ProcessesView(View):
    """Reads ids."""

    async def touched(self, since: datetime, until: datetime) -> list[tuple[Process, UUID]]:
        """This will give those that were begun or, by Juice's clock, issued at `since` or later and before `until`."""
        found: list[tuple[Process, UUID]] = []
        for kind, table, id, began in TABLES:
            query = sql.SQL(
                "SELECT {id} FROM {table} WHERE {began} >= %(since)s AND {began} < %(until)s"
                " OR (receipt->>'happened_at')::timestamptz >= %(since)s AND (receipt->>'happened_at')::timestamptz < %(until)s"
            ).format(id=sql.Identifier(id), table=self.place.of(table), began=sql.Identifier(began))
            found += [(kind, row[0]) for row in await self.rows(query, {"since": since, "until": until})]
        return found
