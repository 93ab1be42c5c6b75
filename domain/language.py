"""The language that an account's owner is written to in: as Juice tells, until they choose another one."""

from __future__ import annotations

from collections.abc import Container
from uuid import UUID

from domain.aggregate import Refusal
from domain.event import Event


class LanguageChosen(Event, frozen=True, kw_only=True):
    """The owner chose the language (ISO 639-1) of pages and messages."""

    TOPIC = "language-chosen"

    language: str
    via_issue: UUID | None


class LanguageNotSpoken(Refusal):
    """The utility does not write in this language."""


class Languages:
    """The present language, what Juice told last, and what it was before somebody with an issued password chose."""

    def __init__(self) -> None:
        self.present = self.told = "en"
        self._before: dict[UUID, str] = {}

    def before(self, issue_ids: Container[UUID]) -> str | None:
        """This will give the language from before the first of these issues chose one; None where none of them did."""
        return next((language for issue_id, language in self._before.items() if issue_id in issue_ids), None)

    def tell(self, language: str) -> None:
        """This will take what Juice tells where it is something new."""
        if language != self.told:
            self.present = self.told = language
            self._before.clear()

    def chosen(self, event: LanguageChosen) -> None:
        if event.via_issue is None:
            self._before.clear()
        else:
            self._before.setdefault(event.via_issue, self.present)
        self.present = event.language
