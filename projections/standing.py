"""How does the portal stand? How far each follower is behind the log, and what was left out: for operators."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from psycopg import sql

from projections.tables import REBUILDING
from projections.view import View


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """One follower: its position, how many events of the log it has not taken yet, and for how many seconds it has not moved
    although there are some.

    `mark` is how far it could read when it last moved, `events` how many it took in all, `batch` how many of them at last.
    """

    name: str
    position: int
    behind: int
    mark: int
    events: int
    batch: int
    behind_s: float


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """How many aggregates one read model leaves out, since it could not take one of their events; of `skipped` ones an operator
    decided that it stays so."""

    follower: str
    aggregates: int
    skipped: int


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """One aggregate that one read model leaves out: from which position on, why (classes of error and event), since when.

    The last three say who decided that it stays so, when and why; None where nobody did.
    """

    follower: str
    originator_id: UUID
    position: int
    reason: str
    parked_at: datetime
    skipped_by: str | None = None
    skipped_at: datetime | None = None
    skipped_because: str | None = None


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
            "SELECT name, position, CASE WHEN near < 1000 THEN near ELSE last - position END AS behind, mark, events, batch,"
            " CASE WHEN near > 0 THEN extract(epoch FROM clock_timestamp() - moved_at)::float8 ELSE 0 END AS behind_s FROM ("
            " SELECT tracked.*, (SELECT coalesce(max(notification_id), 0) FROM {events}) AS last,"
            " (SELECT count(*) FROM (SELECT 1 FROM {events} WHERE notification_id > tracked.position LIMIT 1000) AS next) AS near"
            " FROM {tracking} AS tracked) AS found ORDER BY name"
        ).format(events=self.place.of("events"), tracking=self.place.of("tracking"))
        names = Followed.__struct_fields__
        return [Followed(**dict(zip(names, values, strict=True))) for values in await self.rows(query)]

    async def left_out(self, *, limit: int | None = None, with_skipped: bool = False) -> list[LeftOut]:
        """This will give what live read models leave out, the oldest first; what was decided to stay so only where asked for."""
        query = sql.SQL(
            "SELECT parked.follower, parked.originator_id, parked.position, parked.reason, parked.parked_at,"
            " skipped.skipped_by, skipped.skipped_at, skipped.reason FROM {parked} WHERE %s OR skipped.reason IS NULL"
            " ORDER BY parked.parked_at, parked.follower, parked.originator_id LIMIT %s"
        ).format(parked=self._parked())
        names = LeftOut.__struct_fields__
        found = await self.rows(query, (with_skipped, limit))
        return [LeftOut(**dict(zip(names, values, strict=True))) for values in found]

    async def parked(self) -> list[Parked]:
        """This will count what live read models leave out, by follower."""
        query = sql.SQL(
            "SELECT parked.follower, count(*) FILTER (WHERE skipped.reason IS NULL), count(skipped.reason) FROM {parked}"
            " GROUP BY 1 ORDER BY 1"
        ).format(parked=self._parked())
        found = await self.rows(query)
        return [Parked(follower=follower, aggregates=count, skipped=skipped) for follower, count, skipped in found]

    def _parked(self) -> sql.Composed:
        # What is built beside leaves out what it leaves out once it is switched, and not before.
        return sql.SQL(
            "(SELECT * FROM {} WHERE right(follower, {}) <> {}) AS parked LEFT JOIN {} AS skipped"
            " ON read_model = parked.follower AND aggregate_id = parked.originator_id AND at_position = parked.position"
        ).format(self.place.of("parked"), len(REBUILDING), REBUILDING, self.place.of("skipped"))
