"""What happened to an account, and what it had come to, for auditors: read from the log itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from falcon.asgi import Request, Response
from marshmallow import fields

from domain.event import Event
from projections.replay import WITHHELD
from web.api.answers import Answer
from web.api.describe import describe
from web.api.schemas import Strict
from web.api.typed import Text, Whole
from web.api.wire import answer, query_of, visit_of
from web.journeys import history


class Changed(Answer, frozen=True):
    field: str
    before: Any
    after: Any


class Recorded(Answer, frozen=True):
    position: int
    topic: str
    aggregate: str
    event: dict[str, Any]
    changes: tuple[Changed, ...]


class HistoryOfAccount(Answer, frozen=True):
    account_id: UUID
    as_of: datetime | None
    until: int | None
    events: tuple[Recorded, ...]
    next: str | None


class AggregateState(Answer, frozen=True):
    aggregate: str
    id: UUID
    version: int
    state: dict[str, Any]


class StateOfAccount(Answer, frozen=True):
    account_id: UUID
    as_of: datetime | None
    until: int | None
    last_position: int
    aggregates: tuple[AggregateState, ...]


class ReadingQuery(Strict):
    as_of = fields.AwareDateTime(
        format="iso",
        metadata={
            "description": "RFC 3339. What Seed recorded after this moment is left out; a purchase made elsewhere is recorded"
            " when Juice tells of it, and when it was made is `happened_at` in its receipt."
        },
    )
    until = Whole(metadata={"description": "A position of the log; what was recorded after it is left out."})
    case = Text(
        f"^{history.CASE.pattern}$",
        says=history.MALFORMED_CASE,
        most=64,
        required=False,
        description="The reference of the case it is read for; kept with the reading.",
        examples=["AUDIT-2026/17"],
    )


class HistoryQuery(ReadingQuery):
    limit = Whole(least=1, most=1000, load_default=200)
    after = Whole(load_default=0, metadata={"description": "`next` of the page before."})


class History:
    """GET /accounts/{number}/history"""

    @describe(
        "Everything that happened to an account, oldest first, as Seed knew it at any moment or position: who did what, when,"
        " because of what, and what each event changed. That it was read is recorded in it.",
        query=HistoryQuery,
        answer=HistoryOfAccount,
        problems=(401, 403, 404, 422),
    )
    async def on_get(self, req: Request, resp: Response, number: str) -> None:
        query = query_of(req, HistoryQuery)
        asked = _asked(number, query)
        page = await history.page(visit_of(req), asked, limit=query["limit"], after=query["after"])
        events = tuple(
            Recorded(
                position=step.recorded.position,
                topic=step.recorded.event.TOPIC,
                aggregate=step.aggregate,
                event=shown(step.recorded.event),
                changes=tuple(Changed(field=c.field, before=c.before, after=c.after) for c in step.changes),
            )
            for step in page.steps
        )
        further = None if page.next is None else str(page.next)
        content = HistoryOfAccount(account_id=page.account_id, as_of=asked.as_of, until=asked.until, events=events, next=further)
        answer(req, resp, content)


class PastState:
    """GET /accounts/{number}/state"""

    @describe(
        "What an account and all that is its own had come to at any moment or position. That it was read is recorded.",
        query=ReadingQuery,
        answer=StateOfAccount,
        problems=(401, 403, 404, 422),
    )
    async def on_get(self, req: Request, resp: Response, number: str) -> None:
        asked = _asked(number, query_of(req, ReadingQuery))
        then = await history.state(visit_of(req), asked)
        aggregates = tuple(
            AggregateState(aggregate=each.aggregate, id=each.id, version=each.version, state=each.fields) for each in then.states
        )
        content = StateOfAccount(
            account_id=then.account_id,
            as_of=asked.as_of,
            until=asked.until,
            last_position=then.position,
            aggregates=aggregates,
        )
        answer(req, resp, content)


def shown(event: Event) -> dict[str, Any]:
    """This will give an event's fields as JSON, less what proves a password."""
    return {name: value for name, value in msgspec.to_builtins(event).items() if name not in WITHHELD}


def _asked(number: str, query: dict[str, Any]) -> history.Asked:
    return history.Asked(number=number, as_of=query.get("as_of"), until=query.get("until"), case=query.get("case"))
