"""What happened to an account, for auditors: read from the log itself."""

from __future__ import annotations

from typing import Any

import msgspec
from falcon.asgi import Request, Response

from domain.event import Event
from web.api import answers, schemas
from web.api.describe import describe
from web.api.wire import answer, query_of, visit_of
from web.journeys import history


class History:
    """GET /accounts/{number}/history"""

    @describe(
        "Everything that happened to an account, as Seed knew it at any moment: who did what, when, and because of what.",
        query=schemas.HistoryQuery,
        answer=answers.History,
        problems=(401, 403, 404, 422),
    )
    async def on_get(self, req: Request, resp: Response, number: str) -> None:
        as_of = query_of(req, schemas.HistoryQuery).get("as_of")
        account_id, recorded = await history.of(visit_of(req), number, as_of)
        events = tuple(
            answers.Recorded(position=each.position, topic=each.event.TOPIC, event=_shown(each.event)) for each in recorded
        )
        answer(req, resp, answers.History(account_id=account_id, as_of=as_of, events=events))


def _shown(event: Event) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(event)
    return {name: value for name, value in shown.items() if name not in history.WITHHELD}
