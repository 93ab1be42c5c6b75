"""What a read model leaves out, and an operator's decision to leave it so. Its id follows from read model and aggregate."""

from __future__ import annotations

from uuid import UUID

from domain import writings
from domain.aggregate import Aggregate, Refusal, evolves
from domain.event import Context, Event

LONGEST_REASON = 500
"""Characters."""


class ParkedSkipped(Event, frozen=True, kw_only=True):
    """An operator (`by`) decided that a read model goes on without an aggregate, from an event at `at_position` on.

    `error` is why it could not be taken, `reason` why that is left so. The log keeps both for ever: they name nobody.
    """

    TOPIC = "parked-skipped"

    read_model: str
    aggregate_id: UUID
    at_position: int
    error: str
    reason: str


class SkippedWithoutReason(Refusal):
    """A decision to leave something out has to say why."""


class SkipReasonTooLong(Refusal):
    """The reason is longer than 500 characters."""


class LeftOut(Aggregate):
    """One aggregate that one read model leaves out."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.skipped_at: int | None = None

    def skip(self, context: Context, *, read_model: str, aggregate_id: UUID, at_position: int, error: str, reason: str) -> None:
        """This will record that it is left so; once for each event at which the aggregate was left out.

        Raises SkippedWithoutReason, SkipReasonTooLong.
        """
        said = writings.line(reason)
        if not said:
            raise SkippedWithoutReason
        if len(said) > LONGEST_REASON:
            raise SkipReasonTooLong
        if at_position != self.skipped_at:
            self.record(
                ParkedSkipped,
                context,
                read_model=read_model,
                aggregate_id=aggregate_id,
                at_position=at_position,
                error=error,
                reason=said,
            )

    @evolves(ParkedSkipped)
    def _evolve_skipped(self, event: ParkedSkipped) -> None:
        self.skipped_at = event.at_position
