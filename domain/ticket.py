"""A customer's request to the utility: opened, talked about, closed with the utility's last word, and perhaps opened again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domain import writings
from domain.aggregate import Refusal, evolves
from domain.damaged_cards import DamagedCards
from domain.event import Context
from domain.ticket_events import TOPICS, About, TicketClosed, TicketCommented, TicketOpened, TicketReopened, TicketTopic

LONGEST_SUBJECT = 120
LONGEST_TEXT = 4000
"""Characters, as they are kept."""

MOST_COMMENTS = 200
REOPENED_WITHIN = timedelta(days=30)
"""For so long after the closing the customer may open it again; the utility always may."""


class NothingWritten(Refusal):
    """Nothing was written that could be read."""


class TooMuchWritten(Refusal):
    """More was written than a request takes."""


class NoSuchTopic(Refusal):
    """Requests are about no such thing."""


class TicketAlreadyOpened(Refusal):
    """The request exists."""


class TicketIsClosed(Refusal):
    """The request is closed: it can be opened again, not talked about."""


class TicketAlreadyClosed(Refusal):
    """The request was closed before."""


class TicketNotClosed(Refusal):
    """The request is open, so that it cannot be opened again."""


class ReopeningTooLate(Refusal):
    """The request was closed too long ago for its customer to open it again."""


class ClosingNeedsComment(Refusal):
    """The utility has not said anything since the request was opened, and must not close it without a word."""


class OnlyTheUtilityCloses(Refusal):
    """A customer does not close requests."""


class TooManyComments(Refusal):
    """The request has as many comments as one can have."""


def is_utility(by: str) -> bool:
    """This will say whether whoever did something speaks for the utility: its staff, or Seed itself."""
    return by.partition(":")[0] in ("staff", "system")


class Ticket(DamagedCards):
    """One request of one account."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.account_id: UUID | None = None
        self.reference = ""
        self.cause: str | None = None
        self.about: About | None = None
        self.closed_at: datetime | None = None
        self.comments = 0
        self.utility_spoke = False

    @property
    def belongs_to(self) -> UUID | None:
        return self.account_id

    def open(
        self,
        context: Context,
        *,
        account_id: UUID,
        reference: str,
        topic: TicketTopic,
        subject: str,
        text: str,
        about: About | None = None,
        cause: str | None = None,
    ) -> None:
        """This will open the request."""
        if self.exists:
            raise TicketAlreadyOpened
        if topic not in TOPICS:
            raise NoSuchTopic
        self.record(
            TicketOpened,
            context,
            account_id=account_id,
            reference=reference,
            topic=topic,
            subject=_written(writings.line(subject), LONGEST_SUBJECT),
            text=_written(writings.paragraphs(text), LONGEST_TEXT),
            about=about,
            cause=cause,
        )

    def comment(self, context: Context, *, text: str) -> None:
        """This will add what customer or utility says; a closed request is opened again first."""
        if self.closed_at is not None:
            raise TicketIsClosed
        if self.comments >= MOST_COMMENTS:
            raise TooManyComments
        self.record(TicketCommented, context, text=_written(writings.paragraphs(text), LONGEST_TEXT))

    def close(self, context: Context, *, comment: str | None = None) -> None:
        """This will close the request with the utility's last word, which is not asked for twice."""
        if not is_utility(context.by):
            raise OnlyTheUtilityCloses
        if self.closed_at is not None:
            raise TicketAlreadyClosed
        said = _perhaps(comment)
        if said is None and not self.utility_spoke:
            raise ClosingNeedsComment
        self.record(TicketClosed, context, comment=said)

    def reopen(self, context: Context, *, text: str | None = None) -> None:
        """This will open a closed request again; its customer may for 30 days."""
        if self.closed_at is None:
            raise TicketNotClosed
        if not is_utility(context.by) and not self.may_be_reopened(context.at):
            raise ReopeningTooLate
        self.record(TicketReopened, context, text=_perhaps(text))

    def may_be_reopened(self, at: datetime) -> bool:
        """Whether its customer may open it again at that moment."""
        return self.closed_at is not None and at - self.closed_at < REOPENED_WITHIN

    @evolves(TicketOpened)
    def _evolve_opened(self, event: TicketOpened) -> None:
        self.account_id, self.reference = event.account_id, event.reference
        self.about, self.cause = event.about, event.cause

    @evolves(TicketCommented)
    def _evolve_commented(self, event: TicketCommented) -> None:
        self.comments += 1
        self.utility_spoke = self.utility_spoke or is_utility(event.by)

    @evolves(TicketClosed)
    def _evolve_closed(self, event: TicketClosed) -> None:
        self.closed_at = event.at

    @evolves(TicketReopened)
    def _evolve_reopened(self, event: TicketReopened) -> None:
        self.closed_at = None
        self.utility_spoke = event.text is not None and is_utility(event.by)


def _written(text: str, longest: int) -> str:
    if not text:
        raise NothingWritten
    if len(text) > longest:
        raise TooMuchWritten
    return text


def _perhaps(text: str | None) -> str | None:
    """Nothing where nothing was written: a closing or a reopening may go without a word."""
    kept = writings.paragraphs(text or "")
    return _written(kept, LONGEST_TEXT) if kept else None
