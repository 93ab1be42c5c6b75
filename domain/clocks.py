"""The clocks of one account: the present one, and those below it that an undo may bring back."""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain.clock import USUAL, Clock
from domain.clock_events import ClockSet


class SetClock(msgspec.Struct, frozen=True, kw_only=True):
    """A clock, and the password issue from whose session it was set."""

    clock: Clock
    via_issue: UUID | None


class Clocks(msgspec.Struct, frozen=True):
    """The present one stands last; one that was set through a password issue stands on the former."""

    known: tuple[SetClock, ...] = ()

    @property
    def present(self) -> Clock:
        """The clock that counts now."""
        return self.known[-1].clock if self.known else USUAL

    def after_set(self, event: ClockSet) -> Clocks:
        """This will give the clocks after one was set."""
        below = () if event.via_issue is None else self.known
        return Clocks((*below, SetClock(clock=event.clock, via_issue=event.via_issue)))

    def after_undo(self, issue_id: UUID) -> Clocks:
        """This will give the clocks after a password issue was undone: those that were set through it are gone."""
        return Clocks(tuple(each for each in self.known if each.via_issue != issue_id))
