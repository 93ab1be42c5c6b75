"""How an account's owner wants to be written to: in which language, how often, at which hours, and where."""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain.aggregate import Refusal, evolves
from domain.clock import Clock
from domain.clock_events import ClockSet
from domain.clocks import Clocks
from domain.contact_changes import ContactChanges
from domain.event import Context
from domain.language import LanguageChosen, Languages


class ContactUnknown(Refusal):
    """One of the contacts is not the account's."""


class QuietHoursEmpty(Refusal):
    """Quiet hours end when they begin: none, or all of the day?"""


class Wishes(ContactChanges):
    """The part of an account that is about how its owner wants to be written to."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.languages = Languages()
        self.clocks = Clocks()

    @property
    def language(self) -> str:
        """The language that the owner is written to in."""
        return self.languages.present

    def choose_language(self, context: Context, language: str, *, via_issue: UUID | None) -> None:
        """This will write to the owner in this language from now on."""
        if language != self.language:
            self.record(LanguageChosen, context, language=language, via_issue=via_issue)

    @property
    def clock(self) -> Clock:
        """The clock that counts now: the owner's, or the usual one."""
        return self.clocks.present

    def set_clock(self, context: Context, clock: Clock, *, via_issue: UUID | None) -> None:
        """This will record how much the owner wants to be contacted, where that is new.

        Raises ContactUnknown where one that is no contact of the account is muted, and QuietHoursEmpty.
        """
        if clock.quiet is not None and clock.quiet.begins == clock.quiet.ends:
            raise QuietHoursEmpty
        clock = msgspec.structs.replace(clock, muted=tuple(sorted(set(clock.muted))))
        if not self.contacts.keys() >= set(clock.muted):
            raise ContactUnknown
        if clock != self.clock:
            self.record(ClockSet, context, clock=clock, via_issue=via_issue)

    # What the events make of it

    @evolves(LanguageChosen)
    def _evolve_language_chosen(self, event: LanguageChosen) -> None:
        self.languages.chosen(event)

    @evolves(ClockSet)
    def _evolve_clock_set(self, event: ClockSet) -> None:
        self.clocks = self.clocks.after_set(event)
