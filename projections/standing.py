"""How does the portal stand? How far each follower is behind the log, and what was left out: for operators."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from psycopg import sql

from projections.view import View


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """One follower: its position, and how many events of the log it has not taken yet."""

    name: str
    position: int
    behind: int


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """How many aggregates one read model leaves out, since it could not take one of their events."""

    follower: str
    aggregates: int


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """One aggregate that one read model leaves out: from which position on, why (classes of error and event), since when."""

    follower: str
    originator_id: UUID
    position: int
    reason: str
    parked_at: datetime


class StandingView(View):
    """Reads positions: cheap enough to be asked every few seconds."""

    async def end(self) -> int:
        """This will give the position of the last event in the log."""
        query = sql.SQL("SELECT coalesce(max(notification_id), 0) FROM {}").format(self.place.of("events"))
        end: int = (await self.rows(query))[0][0]
        return end

    async def followers(self) -> list[Followed]:
        """This will give every follower, rebuilds under way included; events are counted up to a thousand behind, then estimated
        by positions, which have gaps."""
        query = sql.SQL(
            "SELECT name, position, CASE WHEN near < 1000 THEN near ELSE last - position END FROM ("
            " SELECT name, position, (SELECT coalesce(max(notification_id), 0) FROM {events}) AS last,"
            " (SELECT count(*) FROM (SELECT 1 FROM {events} WHERE notification_id > tracked.position LIMIT 1000) AS next) AS near"
            " FROM {tracking} AS tracked) AS found ORDER BY name"
        ).format(events=self.place.of("events"), tracking=self.place.of("tracking"))
        return [Followed(name=name, position=position, behind=behind) for name, position, behind in await self.rows(query)]

    async def left_out(self, *, limit: int) -> list[LeftOut]:
        """This will give what is parked, the oldest first."""
        query = sql.SQL(
            "SELECT follower, originator_id, position, reason, parked_at FROM {}"
            " ORDER BY parked_at, follower, originator_id LIMIT %s"
        ).format(self.place.of("parked"))
        names = LeftOut.__struct_fields__
        return [LeftOut(**dict(zip(names, values, strict=True))) for values in await self.rows(query, (limit,))]

    async def parked(self) -> list[Parked]:
        """This will count what is parked, by follower."""
        query = sql.SQL("SELECT follower, count(*) FROM {} GROUP BY follower ORDER BY follower").format(self.place.of("parked"))
        return [Parked(follower=follower, aggregates=count) for follower, count in await self.rows(query)]
