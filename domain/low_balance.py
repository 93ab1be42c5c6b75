"""When a low balance is told: from the forecast for a meter, the customer's clock, and what was told before."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from domain.clock import Clock
from domain.clock_events import LowBalanceNoticed

ONE_DAY = timedelta(days=1)
TRUSTED_FOR = timedelta(days=3)
"""A forecast from usage that is older than this says nothing: the feed stands still, or the meter is not read any more."""

MOVED = timedelta(days=3)
"""If the end moves away by so much without a purchase, since less is used, what was told is told again in its time."""


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """The day on which what is there for a meter will be used up, as reckoned from its usage up to the day `known_until`.

    `topped_up_at` is the latest purchase in it. All days are the utility's.
    """

    ends_on: date
    known_until: date
    topped_up_at: datetime | None

    def days_left(self, today: date) -> int:
        """Whole days left, below nothing once the end has passed."""
        return (self.ends_on - today).days

    def can_be_told(self, today: date) -> bool:
        """Whether it is fresh enough, and speaks of what is to come."""
        return today <= min(self.ends_on, self.known_until + TRUSTED_FOR)

    @property
    def left_something(self) -> bool:
        """Whether a day or more was left when it was reckoned."""
        return self.ends_on > self.known_until + ONE_DAY


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What was told last of a meter: on the `day`, that fewer than `under` days were left, until `ends_on`."""

    under: int
    day: date
    ends_on: date
    topped_up_at: datetime | None

    @classmethod
    def by(cls, event: LowBalanceNoticed) -> Told:
        """This will give what an event makes of it."""
        ends_on = event.day + timedelta(days=event.days_left)
        return cls(under=event.under, day=event.day, ends_on=ends_on, topped_up_at=event.topped_up_at)

    def counts(self, forecast: Forecast) -> bool:
        """Whether this still counts: nothing was bought since, and the end did not move far away."""
        if forecast.topped_up_at is not None and (self.topped_up_at is None or forecast.topped_up_at > self.topped_up_at):
            return False
        return forecast.ends_on < self.ends_on + MOVED or not forecast.left_something


def due(clock: Clock, forecast: Forecast, told: Told | None, today: date) -> int | None:
    """This will give the threshold that is to be told of a meter today, in days; None where there is nothing to tell.

    On one day nothing is told twice, whatever was bought meanwhile, unless less is left than was told.
    """
    if not forecast.can_be_told(today):
        return None
    counted = told if told is not None and (today <= told.day or told.counts(forecast)) else None
    return clock.due(forecast.days_left(today), counted.under if counted else None)


def due_on(clock: Clock, forecast: Forecast, told: Told | None) -> date | None:
    """This will give the first day on which something is to be told of a meter, if all stays as it is; None for never.

    From then on it is due each day on which the forecast can be told.
    """
    counted = told if told is not None and told.counts(forecast) else None
    first = _day(forecast, clock.next_due(counted.under if counted else None))
    if told is None or counted or first is None or first > told.day:
        return first
    worse = _day(forecast, clock.next_due(told.under))
    return worse if worse is not None and worse <= told.day else told.day + ONE_DAY


def _day(forecast: Forecast, under: int | None) -> date | None:
    return None if under is None else forecast.ends_on - timedelta(days=under - 1)
