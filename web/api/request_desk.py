"""The utility's service requests, for its staff (journey 10)."""

from __future__ import annotations

import asyncio

from falcon.asgi import Request, Response

from projections.tickets import TicketRow
from web.api import answers
from web.api import request_answers as told
from web.api.cards import KEY_HEADER
from web.api.damaged_card_answers import looked_up
from web.api.describe import describe
from web.api.requests import Comments as OwnComments
from web.api.requests import Reopenings as OwnReopenings
from web.api.schemas import AtLeast
from web.api.wire import AT_LEAST_HEADER, answer, body_of, query_of, visit_of, wait
from web.journeys import request_desk, requests
from web.journeys.visit import Visit


class Queue:
    """GET and POST /requests"""

    @describe(
        "The utility's requests, a page at a time: open ones the oldest first, closed ones and all the newest first.",
        query=told.QueueQuery,
        headers=AT_LEAST_HEADER,
        answer=told.Queue,
        problems=(401, 403, 422),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        query, visit = query_of(req, told.QueueQuery), visit_of(req)
        await wait(req, resp, query)
        wanted = {name: query[name] for name in ("limit", "topic", "number", "waiting", "before") if name in query}
        page = await request_desk.queue(visit, closed=told.CLOSED[query.get("state", "open")], **wanted)
        counts = await request_desk.counts(visit)
        content = told.Queue(
            items=tuple(await asyncio.gather(*(_queued(visit, row) for row in page.items))),
            next=page.next,
            counts=tuple(told.TopicCount(topic=of, open=n.open, waiting=n.waiting) for of, n in sorted(counts.items())),
        )
        answer(req, resp, content)

    @describe(
        "Open a request for a customer.",
        body=told.SubmissionFor,
        headers=KEY_HEADER,
        status=201,
        answer=told.Submitted,
        problems=(401, 403, 409, 422),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        data = await body_of(req, told.SubmissionFor)
        key = req.get_header("Idempotency-Key") or ""
        submitted = await request_desk.open_for(visit_of(req), data["number"], data["topic"], data["subject"], data["text"], key)
        resp.set_header("Location", f"/api/v1/requests/{submitted.reference}")
        answer(req, resp, told.Submitted(reference=submitted.reference, position=submitted.position), status=201)


class Thread:
    """GET /requests/{request}"""

    @describe(
        "One request, with all that was said.",
        query=AtLeast,
        headers=AT_LEAST_HEADER,
        answer=told.QueuedThread,
        problems=(401, 403, 404, 422, 503),
    )
    async def on_get(self, req: Request, resp: Response, request: str) -> None:
        await wait(req, resp, query_of(req, AtLeast))
        thread = await requests.thread(visit_of(req), request)
        content = told.QueuedThread(
            request=await _queued(visit_of(req), thread.ticket),
            said=tuple(told.said(row, by=row.by) for row in thread.said),
            card=looked_up(thread.card),
        )
        answer(req, resp, content)


class Comments(OwnComments):
    """POST /requests/{request}/comments"""

    @describe(
        "Answer the customer.",
        body=told.Comment,
        headers=KEY_HEADER,
        status=201,
        answer=answers.Written,
        problems=(401, 403, 404, 409, 422),
    )
    async def on_post(self, req: Request, resp: Response, request: str) -> None:
        await super().on_post(req, resp, request)


class Closures:
    """POST /requests/{request}/closure"""

    @describe(
        "Close a request with the utility's last comment, which may be left out where it has said something since the request"
        " was opened; one about a damaged card with what was done about that, once Juice was asked how it stands.",
        body=told.Closure,
        answer=answers.Written,
        problems=(401, 403, 404, 409, 422),
    )
    async def on_post(self, req: Request, resp: Response, request: str) -> None:
        data = await body_of(req, told.Closure)
        said = data.get("comment", ""), data.get("outcome", "")
        answer(req, resp, answers.Written(position=await request_desk.close(visit_of(req), request, *said)))


class Reopenings(OwnReopenings):
    """POST /requests/{request}/reopening"""

    @describe("Open a closed request again.", body=told.Reopening, answer=answers.Written, problems=(401, 403, 404, 409, 422))
    async def on_post(self, req: Request, resp: Response, request: str) -> None:
        await super().on_post(req, resp, request)


async def _queued(visit: Visit, row: TicketRow) -> told.RequestInQueue:
    return told.queued(row, await request_desk.account_number(visit, row.account_id))
