"""What the API answers about service requests, and what it takes in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validates_schema

from domain.ticket import LONGEST_SUBJECT, LONGEST_TEXT, is_utility
from domain.ticket_events import TOPICS, About
from projections.ticket_thread import ThreadRow
from projections.tickets import TicketRow
from web.api.answers import Answer
from web.api.cursors import PageQuery
from web.api.damaged_card_answers import LookedUpCard, ReportedCard, outcome
from web.api.schemas import Strict, number
from web.api.typed import Id, Text
from web.journeys import requests

SEEN = r"^\s*\S[\s\S]*$"
"""The pattern of a text in which something can be seen."""


class RequestSummary(Answer, frozen=True):
    """`is_closed` and `closed_at` are the check box and its time, `last_comment` is the utility's last one.

    `waits_for`: utility or customer, whoever's turn it is; null once closed. `opened_by`: customer, staff or system.
    """

    reference: str
    topic: str
    subject: str
    opened_at: datetime
    opened_by: str
    is_closed: bool
    closed_at: datetime | None
    last_comment: str | None
    last_comment_at: datetime | None
    waits_for: str | None
    redemption_id: UUID | None
    purchase_id: UUID | None


class ServiceRequests(Answer, frozen=True):
    items: tuple[RequestSummary, ...]
    next: str | None


class Said(Answer, frozen=True):
    """One thing said or done. `kind`: opened, commented, closed or reopened; `by`: customer, staff or system."""

    at: datetime
    by: str
    kind: str
    text: str | None


class ServiceRequestThread(Answer, frozen=True):
    """`card` is the damaged card that it is about.

    `may_reopen` says whether its customer may open it again, until `reopened_until`.
    """

    request: RequestSummary
    said: tuple[Said, ...]
    card: ReportedCard | None
    may_reopen: bool
    reopened_until: datetime | None


class Submitted(Answer, frozen=True):
    reference: str
    position: int


class RequestInQueue(Answer, frozen=True):
    """A request as the staff sees it; `opened_by` and `last_by` name the person."""

    request: RequestSummary
    account: str
    opened_by: str
    last_by: str
    last_at: datetime
    comments: int
    reopenings: int


class TopicCount(Answer, frozen=True):
    topic: str
    open: int
    waiting: int


class Queue(Answer, frozen=True):
    """A page of the queue, and how many requests of the utility are open and wait for it, by topic."""

    items: tuple[RequestInQueue, ...]
    next: str | None
    counts: tuple[TopicCount, ...]


class QueuedThread(Answer, frozen=True):
    """A request as the staff sees it, with everything said in it; `by` names the person."""

    request: RequestInQueue
    said: tuple[Said, ...]
    card: LookedUpCard | None


def words(name: str, *, required: bool = True, most: int = LONGEST_TEXT, example: str = "Since this morning.") -> Text:
    """This will make a field for what somebody writes."""
    says = requests.NO_SUBJECT if name == "subject" else requests.NEEDED
    return Text(
        SEEN, says=says, most=most, required=required, description=f"Plain text, up to {most} characters.", examples=[example]
    )


def topic(*, required: bool = True) -> Text:
    """This will make a field for what a request is about."""
    return Text(
        f"^(?:{'|'.join(TOPICS)})$",
        says=requests.NO_SUCH_TOPIC,
        required=required,
        description=f"One of {', '.join(TOPICS)}.",
        examples=["meter"],
    )


class Submission(Strict):
    topic = topic()
    subject = words("subject", most=LONGEST_SUBJECT, example="The display is dark")
    text = words("text")
    redemption_id = Id(metadata={"description": "The card redemption that it is about, one of the account's own."})
    purchase_id = Id(metadata={"description": "The purchase that it is about, one of the account's own."})

    @validates_schema
    def one_payment(self, data: dict[str, Any], **kwargs: Any) -> None:
        if {"redemption_id", "purchase_id"} <= data.keys():
            raise ValidationError("Give either redemption_id or purchase_id.", "redemption_id")


class SubmissionFor(Strict):
    number = number()
    topic = topic()
    subject = words("subject", most=LONGEST_SUBJECT, example="The display is dark")
    text = words("text")


class Comment(Strict):
    text = words("text")


class Closure(Strict):
    comment = words("comment", required=False, example="The fuse was changed.")
    outcome = outcome()


class Reopening(Strict):
    text = words("text", required=False, example="It is dark again.")


def state(default: str) -> Text:
    """This will make a field for which requests are meant."""
    return Text(
        "^(?:open|closed|all)$",
        says="A state is open, closed or all.",
        required=False,
        description=f"open, closed or all; {default} by default.",
        examples=["open"],
    )


class RequestsQuery(PageQuery):
    state = state("all")


class QueueQuery(PageQuery):
    state = state("open")
    topic = topic(required=False)
    number = number(required=False)
    waiting = fields.Boolean(
        truthy={"true"}, falsy={"false"}, metadata={"description": "Only those that wait for the utility's next word, or do not."}
    )


CLOSED = {"open": False, "closed": True, "all": None}


def request(row: TicketRow) -> RequestSummary:
    """This will show a request as its customer sees it."""
    waits_for = None if row.closed_at else "utility" if row.waiting else "customer"
    return RequestSummary(
        reference=row.reference,
        topic=row.topic,
        subject=row.subject,
        opened_at=row.opened_at,
        opened_by=role(row.opened_by),
        is_closed=row.closed_at is not None,
        closed_at=row.closed_at,
        last_comment=row.utility_said,
        last_comment_at=row.utility_said_at,
        waits_for=waits_for,
        redemption_id=row.about_id if row.about_kind == "redemption" else None,
        purchase_id=row.about_id if row.about_kind == "purchase" else None,
    )


def said(row: ThreadRow, *, by: str) -> Said:
    """This will show one thing said."""
    return Said(at=row.at, by=by, kind=row.kind, text=row.text)


def queued(row: TicketRow, account: str) -> RequestInQueue:
    """This will show a request as the staff sees it; `account` is its account's number."""
    return RequestInQueue(
        request=request(row),
        account=account,
        opened_by=row.opened_by,
        last_by=row.last_by,
        last_at=row.last_at,
        comments=row.comments,
        reopenings=row.reopenings,
    )


def role(by: str) -> str:
    """This will give who spoke without a name: customers need not know which of the staff."""
    return by.partition(":")[0] if is_utility(by) else "customer"


def about(data: dict[str, Any]) -> About | None:
    """This will give the payment that a submission names."""
    if "redemption_id" in data:
        return About(kind="redemption", id=data["redemption_id"])
    return About(kind="purchase", id=data["purchase_id"]) if "purchase_id" in data else None
