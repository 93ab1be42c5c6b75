"""A utility's info page, as its staff writes it (journey 7): Markdown, an edition after another in each language."""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain import writings
from domain.aggregate import Aggregate, Refusal, evolves
from domain.event import Context, Event

LONGEST = 12_000
"""Characters, as they are kept: some 2,000 words."""


class InfoPagePublished(Event, frozen=True, kw_only=True):
    """Staff (`by`) published an edition in a language; an empty `source` takes the page back to what Seed says itself."""

    TOPIC = "info-page-published"

    language: str
    edition: int
    source: str


class InfoPageTooLong(Refusal):
    """The page is longer than 12,000 characters."""


class InfoPageChanged(Refusal):
    """Somebody else published meanwhile."""


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in one language now."""

    number: int
    source: str


class InfoPage(Aggregate):
    """One utility's page, in all its languages."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.editions: dict[str, Edition] = {}

    def publish(self, context: Context, *, language: str, source: str, based_on: int) -> int:
        """This will publish a text and give its edition; a text that stands there already is not published twice.

        `based_on` is the edition that its writer began with, 0 without one. Raises InfoPageChanged, InfoPageTooLong.
        """
        text = writings.paragraphs(source)
        if len(text) > LONGEST:
            raise InfoPageTooLong
        present = self.editions.get(language, Edition(number=0, source=""))
        if text == present.source:
            return present.number
        if based_on != present.number:
            raise InfoPageChanged
        edition = present.number + 1
        self.record(InfoPagePublished, context, language=language, edition=edition, source=text)
        return edition

    @evolves(InfoPagePublished)
    def _evolve_published(self, event: InfoPagePublished) -> None:
        self.editions[event.language] = Edition(number=event.edition, source=event.source)
