"""What happens to the clock of an account, and by it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from domain.clock import Clock
from domain.event import Event


class ClockSet(Event, frozen=True, kw_only=True):
    """The customer said how much or how little they want to be contacted.

    `via_issue` is the password issue from whose session it was said: undoing the issue brings the former clock back.
    """

    TOPIC = "clock-set"

    clock: Clock
    via_issue: UUID | None


class LowBalanceNoticed(Event, frozen=True, kw_only=True):
    """What is on a meter, or in the wallet for it, will last for fewer than `under` days, and the customer is to be told.

    Counted on the `day` (in the utility's zone) there were `days_left` whole ones. `topped_up_at` is the latest purchase that was
    known: after another one it begins anew.
    """

    TOPIC = "low-balance-noticed"

    meter_id: UUID
    under: int
    days_left: int
    day: date
    topped_up_at: datetime | None
