from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.ticket import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MOST_COMMENTS,
    REOPENED_WITHIN,
    ClosingNeedsComment,
    NoSuchTopic,
    NothingWritten,
    OnlyTheUtilityCloses,
    ReopeningTooLate,
    Ticket,
    TicketAlreadyClosed,
    TicketAlreadyOpened,
    TicketIsClosed,
    TicketNotClosed,
    TooManyComments,
    TooMuchWritten,
)
from domain.ticket_events import About, TicketClosed, TicketCommented, TicketOpened, TicketReopened
from tests.domain.scenario import NOON, Scenario, context

ACCOUNT = UUID(int=7)
ANN = context(by="staff:ann")
SEED = context(by="system:vendor")
PAT = context(by="customer")


def opened(by: Any = PAT, **changes: Any) -> Callable[[Ticket], None]:
    said: dict[str, Any] = {"topic": "meter", "subject": "The display is dark", "text": "Since this morning."} | changes
    return lambda ticket: ticket.open(by, account_id=ACCOUNT, reference="K7RT-94PQ", **said)


def said(text: str = "We are on our way.", by: Any = ANN) -> Callable[[Ticket], None]:
    return lambda ticket: ticket.comment(by, text=text)


def closed(comment: str | None = "The fuse was changed.", by: Any = ANN) -> Callable[[Ticket], None]:
    return lambda ticket: ticket.close(by, comment=comment)


def reopened(text: str | None = None, by: Any = PAT, after: timedelta = timedelta(0)) -> Callable[[Ticket], None]:
    return lambda ticket: ticket.reopen(context(at=NOON + after, by=by.by), text=text)


class ARequest:
    @pytest.mark.parametrize("by", [PAT, ANN, SEED], ids=lambda by: by.by)
    def test_is_opened_by_the_customer_by_staff_or_by_seed_itself(self, by):
        about = About(kind="purchase", id=UUID(int=9))
        expected = {
            "account_id": ACCOUNT,
            "reference": "K7RT-94PQ",
            "topic": "meter",
            "subject": "The display is dark",
            "text": "Since this morning.",
            "about": about,
            "cause": "purchase-in-doubt",
            "by": by.by,
        }
        Scenario(Ticket).when(opened(by, about=about, cause="purchase-in-doubt")).then((TicketOpened, expected))

    def test_is_opened_once(self):
        Scenario(Ticket).given(opened()).when(opened()).then_refused(TicketAlreadyOpened)

    def test_is_about_one_of_the_known_topics(self):
        Scenario(Ticket).when(opened(topic="weather")).then_refused(NoSuchTopic)

    @pytest.mark.parametrize("nothing", ["", "  \n\t ", "\u200b\u200f\u2060", "\x00\x07", "\u202e\u2066"], ids=ascii)
    def test_says_something_that_can_be_seen(self, nothing):
        Scenario(Ticket).when(opened(text=nothing)).then_refused(NothingWritten)
        Scenario(Ticket).when(opened(subject=nothing)).then_refused(NothingWritten)
        Scenario(Ticket).given(opened()).when(said(nothing)).then_refused(NothingWritten)

    def test_takes_so_much_and_no_more(self):
        Scenario(Ticket).when(opened(subject="s" * LONGEST_SUBJECT, text="t" * LONGEST_TEXT)).then(TicketOpened)
        Scenario(Ticket).when(opened(subject="s" * (LONGEST_SUBJECT + 1))).then_refused(TooMuchWritten)
        Scenario(Ticket).when(opened(text="t" * (LONGEST_TEXT + 1))).then_refused(TooMuchWritten)
        Scenario(Ticket).given(opened()).when(said("t" * (LONGEST_TEXT + 1))).then_refused(TooMuchWritten)
        Scenario(Ticket).given(opened()).when(closed("t" * (LONGEST_TEXT + 1))).then_refused(TooMuchWritten)

    def test_is_kept_without_what_could_turn_or_forge_the_text_beside_it(self):
        written = "First\x00\r\nBcc: all@example.org\u202e\r\n\r\n\r\n\r\nlast\u2029 line\x1b[31m "
        kept = {"subject": "First Bcc: all@example.org last line[31m", "text": "First\nBcc: all@example.org\n\nlast\n line[31m"}
        Scenario(Ticket).when(opened(subject=written, text=written)).then((TicketOpened, kept))

    def test_is_kept_as_it_was_written_in_any_script(self):
        for text in ("العداد لا يعمل\u200f!", "המונה\u200e 12", "می\u200cخواهم", "👩🏽\u200d🔧 <b>&amp;", "**bold** [x](y)"):
            Scenario(Ticket).when(opened(subject=text, text=text)).then((TicketOpened, {"subject": text, "text": text}))


class AComment:
    @pytest.mark.parametrize("by", [PAT, ANN, SEED], ids=lambda by: by.by)
    def test_is_the_customers_or_the_utilitys(self, by):
        Scenario(Ticket).given(opened()).when(said("More.", by)).then((TicketCommented, {"text": "More.", "by": by.by}))

    @pytest.mark.parametrize("by", [PAT, ANN], ids=lambda by: by.by)
    def test_is_refused_once_the_request_is_closed(self, by):
        Scenario(Ticket).given(opened(), closed()).when(said(by=by)).then_refused(TicketIsClosed)

    def test_is_refused_where_there_are_too_many(self):
        full = Scenario(Ticket).given(opened(), *[said()] * MOST_COMMENTS)
        full.when(said()).then_refused(TooManyComments)
        Scenario(Ticket).given(opened(), *[said()] * MOST_COMMENTS).when(closed(None)).then(TicketClosed)


class Closing:
    def test_says_the_utilitys_last_word(self):
        Scenario(Ticket).given(opened()).when(closed()).then(
            (TicketClosed, {"comment": "The fuse was changed.", "by": "staff:ann"})
        )

    def test_needs_a_word_where_the_utility_has_said_none(self):
        Scenario(Ticket).given(opened(), said("Hello?", PAT)).when(closed(None)).then_refused(ClosingNeedsComment)
        Scenario(Ticket).given(opened()).when(closed(" \n ")).then_refused(ClosingNeedsComment)

    def test_needs_no_second_word_after_an_answer(self):
        answered = Scenario(Ticket).given(opened(), said(), said("Thank you.", PAT))
        answered.when(closed(None)).then((TicketClosed, {"comment": None}))

    def test_needs_a_new_word_after_a_reopening(self):
        again = Scenario(Ticket).given(opened(), said(), closed(), reopened())
        again.when(closed(None)).then_refused(ClosingNeedsComment)

    def test_is_not_done_twice(self):
        Scenario(Ticket).given(opened(), closed()).when(closed()).then_refused(TicketAlreadyClosed)

    def test_is_not_the_customers(self):
        Scenario(Ticket).given(opened()).when(closed(by=PAT)).then_refused(OnlyTheUtilityCloses)


class Reopening:
    def test_is_the_customers_for_thirty_days_with_or_without_a_reason(self):
        last = REOPENED_WITHIN - timedelta(seconds=1)
        ended = Scenario(Ticket).given(opened(), closed())
        ended.when(reopened("Dark again.", after=last)).then((TicketReopened, {"text": "Dark again.", "by": "customer"}))
        Scenario(Ticket).given(opened(), closed()).when(reopened(" ")).then((TicketReopened, {"text": None}))

    def test_is_too_late_for_the_customer_after_that_and_never_for_the_utility(self):
        late = Scenario(Ticket).given(opened(), closed())
        late.when(reopened(after=REOPENED_WITHIN)).then_refused(ReopeningTooLate)
        Scenario(Ticket).given(opened(), closed()).when(reopened(by=ANN, after=timedelta(days=900))).then(TicketReopened)

    def test_is_refused_for_a_request_that_is_open(self):
        Scenario(Ticket).given(opened()).when(reopened()).then_refused(TicketNotClosed)
        Scenario(Ticket).given(opened(), closed(), reopened()).when(reopened(by=ANN)).then_refused(TicketNotClosed)

    def test_lets_the_request_be_talked_about_and_closed_again(self):
        Scenario(Ticket).given(opened(), closed(), reopened()).when(said("Dark again.", PAT)).then(TicketCommented)
        Scenario(Ticket).given(opened(), closed(), reopened(), said()).when(closed(None)).then(TicketClosed)
