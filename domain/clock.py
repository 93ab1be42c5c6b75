"""The clock of an account: how much or how little its customer wants to be written to, when, and where."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

Pace = Literal["least", "less", "usual", "often"]

UNDER: dict[Pace, tuple[int, ...]] = {
    "least": (2,),
    "less": (2, 1),
    "usual": (3, 2, 1),
    "often": (7, 5, 3, 2, 1),
}
"""When a low balance is told, the fewest messages first: once fewer than so many days are left.

Fewer than 2 is the day before the end, fewer than 1 the day itself. `usual` is what Juice does by itself.
"""

ONE_DAY = timedelta(days=1)


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of each day in which nothing is sent that can wait, by the clocks of the utility's zone; they may span midnight.

    `begins` is the first quiet minute, `ends` the first one after; the two differ.
    """

    begins: time
    ends: time

    def covers(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether a clock on the wall there shows a quiet hour."""
        shown = at.astimezone(zone).time()
        if self.begins <= self.ends:
            return self.begins <= shown < self.ends
        return shown >= self.begins or shown < self.ends

    def over(self, at: datetime, zone: ZoneInfo) -> datetime:
        """This will give the first moment from `at` on that is not quiet, in UTC.

        Where clocks are put forward or back, it is still what the clock on the wall shows that counts.
        """
        if not self.covers(at, zone):
            return at.astimezone(UTC)
        here = at.astimezone(zone)
        walls = [datetime.combine(here.date() + n * ONE_DAY, self.ends, zone) for n in range(3)]
        moments = [wall.replace(fold=fold).astimezone(UTC) for wall in walls for fold in (0, 1)]
        moments += _turn(at.astimezone(UTC), zone)
        return min(moment for moment in moments if moment >= at and not self.covers(moment, zone))


def _turn(at: datetime, zone: ZoneInfo) -> list[datetime]:
    """The moment within two days at which the zone's clocks are put forward or back, to the second, where there is one."""
    before, after = at, at + 2 * ONE_DAY
    offset = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == offset:
        return []
    before = before.replace(microsecond=0)
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return [after.replace(microsecond=0)]


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """How the customer wants to be contacted. `muted` are the contacts that get no notices, in the order of their ids.

    It governs what can wait: notices of a low balance. Tokens and receipts, passwords, links, and changes of contacts are
    sent at once, whatever it says: somebody waits for them, or must know.
    """

    pace: Pace = "usual"
    quiet: Quiet | None = Quiet(begins=time(21), ends=time(7))
    muted: tuple[UUID, ...] = ()

    def due(self, days_left: int, told: int | None = None) -> int | None:
        """This will give the threshold that is to be told now, in days; None where there is nothing to tell.

        `days_left` are whole days, rounded down. `told` is the lowest threshold that was told since power was last bought. Of
        several that were passed at once only the lowest is due: one message says it all.
        """
        passed = [under for under in UNDER[self.pace] if days_left < under]
        if not passed or (told is not None and told <= min(passed)):
            return None
        return min(passed)

    def next_due(self, told: int | None = None) -> int | None:
        """This will give the threshold that will be told next; None where there is none left."""
        return max((under for under in UNDER[self.pace] if told is None or under < told), default=None)

    def lets_through(self, at: datetime, zone: ZoneInfo) -> datetime:
        """This will give the moment from `at` on at which a notice may be sent."""
        return at if self.quiet is None else self.quiet.over(at, zone)


USUAL = Clock()
"""The clock of whoever never set it."""
