"""An account's audit trail: who read its history, when, and for which case. Reading is itself recorded."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from domain.aggregate import Aggregate, evolves
from domain.event import Context, Event


class HistoryRead(Event, frozen=True, kw_only=True):
    """Somebody (`by`) read the account's history, or its state, as of a moment or position; `case` is what they read it for.

    Not sealed: who read what has to be known for ever, also of a person who was forgotten. `case` is a reference, not a text.
    """

    TOPIC = "history-read"

    what: str
    as_of: datetime | None
    until: int | None
    case: str | None


def trail_id(account_id: UUID) -> UUID:
    """This will give the id of an account's one trail. It follows from an id that says nothing, so it need not be keyed."""
    return uuid5(account_id, "audit trail")


class AuditTrail(Aggregate):
    """The readings of one account's history."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.readings = 0

    def record_reading(
        self,
        context: Context,
        *,
        account_id: UUID,
        what: str,
        as_of: datetime | None,
        until: int | None,
        case: str | None,
    ) -> None:
        """This will record a reading, each time anew."""
        self.record(HistoryRead, context, account_id=account_id, what=what, as_of=as_of, until=until, case=case)

    @evolves(HistoryRead)
    def _evolve_read(self, event: HistoryRead) -> None:
        self.readings += 1
