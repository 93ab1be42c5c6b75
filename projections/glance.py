"""Everything that a customer's dashboard shows, of many accounts in one statement: those that are asked for together share it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, AsyncRawCursor, sql

from domain.purchase import OPEN
from eventlog.pool import Read, read
from eventlog.together import Together
from projections.activity import ActivityProjection, ActivityRow
from projections.dashboard import Dashboard, DashboardProjection
from projections.days_left import DaysLeft, DaysLeftProjection
from projections.keyed import KeyedProjection
from projections.purchases import AWAITED, PurchaseRow, PurchasesProjection
from projections.redemptions import UNDER_WAY, RedemptionRow, RedemptionsProjection
from projections.view import Pool, View

RECENT = 20
"""Transactions."""

MOST_UNFINISHED = 5
"""Purchases, and as many redemptions: more than that nobody leaves behind by chance."""


class Glance:
    """One account as it is at one moment; what was begun and has not ended, and the transactions, come newest first.

    It is read from JSON when it is looked into. `digest` tells whether it is another one's equal, to the byte.
    """

    def __init__(self, found: Sequence[Sequence[str]]) -> None:
        self._dashboard, self._left, self._activity, self._purchases, self._redemptions = found

    @cached_property
    def digest(self) -> bytes:
        digest = blake2b(digest_size=16)
        for part in (self._dashboard, self._left, self._activity, self._purchases, self._redemptions):
            for row in (*part, "\n"):
                digest.update(row.encode())
        return digest.digest()

    @property
    def dashboard(self) -> Dashboard | None:
        """None for an account that is unknown or forgotten."""
        return DASHBOARD.decode(self._dashboard[0]) if self._dashboard else None

    @property
    def left(self) -> DaysLeft | None:
        """None for an account that is unknown or forgotten."""
        return LEFT.decode(self._left[0]) if self._left else None

    @property
    def activity(self) -> list[ActivityRow]:
        return [*map(ACTIVITY.decode, self._activity)]

    @property
    def purchases(self) -> list[PurchaseRow]:
        return [*map(PURCHASE.decode, self._purchases)]

    @property
    def redemptions(self) -> list[RedemptionRow]:
        return [*map(REDEMPTION.decode, self._redemptions)]


DASHBOARD = msgspec.json.Decoder(Dashboard)
LEFT = msgspec.json.Decoder(DaysLeft)
ACTIVITY = msgspec.json.Decoder(ActivityRow)
PURCHASE = msgspec.json.Decoder(PurchaseRow)
REDEMPTION = msgspec.json.Decoder(RedemptionRow)


class _Part(NamedTuple):
    """Rows of one read model; `which` says which of an `asked` account's, and in which order."""

    projection: type[KeyedProjection[Any] | ActivityProjection]
    which: sql.Composable


class _Asked(NamedTuple):
    account_id: UUID
    since: datetime
    now: datetime


PARTS = (
    _Part(DashboardProjection, sql.SQL("")),
    _Part(DaysLeftProjection, sql.SQL("")),
    _Part(
        ActivityProjection,
        sql.SQL("AND happened_at >= asked.since ORDER BY happened_at DESC, position DESC LIMIT {}").format(RECENT),
    ),
    _Part(
        PurchasesProjection,
        sql.SQL("AND (stage = ANY({}) AND pays_until > asked.now OR stage = ANY({})) ORDER BY requested_at DESC LIMIT {}").format(
            [*map(str, OPEN)], [*map(str, AWAITED)], MOST_UNFINISHED
        ),
    ),
    _Part(
        RedemptionsProjection,
        sql.SQL("AND stage = ANY({}) ORDER BY reserved_at DESC LIMIT {}").format([*map(str, UNDER_WAY)], MOST_UNFINISHED),
    ),
)


class GlanceView(View):
    """Reads accounts at a glance. Rows come as JSON, which PostgreSQL writes and msgspec reads at a fraction of the price of
    columns that are converted one by one: with one statement for five, a request costs a quarter less processor time.
    """

    def __init__(self, pool: Pool, schema: str, read_by: Read = read) -> None:
        super().__init__(pool, schema, read_by)
        self._query = self._composed().as_string()
        self._together: Together[_Asked, Glance] = Together(pool, self._serve, read_by=read_by)

    async def of(self, account_id: UUID, *, since: datetime, now: datetime) -> Glance:
        """This will give an account's glance: transactions not older than `since`, and what has not ended `now`."""
        return await self._together.ask(_Asked(account_id, since, now))

    def _composed(self) -> sql.Composed:
        parts = [
            sql.SQL(
                "SELECT place, {number} AS part, found.content FROM asked, LATERAL (SELECT to_json(row)::text AS content"
                " FROM (SELECT {columns} FROM {table} WHERE account_id = asked.account_id {which}) AS row) AS found"
            ).format(
                number=number,
                columns=sql.SQL(", ").join(sql.Identifier(column.name) for column in part.projection.tables[0].columns),
                table=self.place.of(part.projection.tables[0].name),
                which=part.which,
            )
            for number, part in enumerate(PARTS)
        ]
        return sql.SQL(
            "WITH asked AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[])"
            " WITH ORDINALITY AS each (account_id, since, now, place)) {}"
        ).format(sql.SQL(" UNION ALL ").join(parts))

    async def _serve(self, connection: AsyncConnection, asked: Sequence[_Asked]) -> Sequence[Glance]:
        cursor = AsyncRawCursor(connection)
        await cursor.execute(self._query, [list(column) for column in zip(*asked, strict=True)], prepare=True)
        found: list[list[list[str]]] = [[[] for _ in PARTS] for _ in asked]
        for place, part, content in await cursor.fetchall():
            found[place - 1][part].append(content)
        return [*map(Glance, found)]
