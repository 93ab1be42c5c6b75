"""Service requests of the account that is logged in (journey 10)."""

from __future__ import annotations

from falcon.asgi import Request, Response

from web.api import answers
from web.api import request_answers as told
from web.api.cards import KEY_HEADER
from web.api.damaged_card_answers import reported
from web.api.describe import describe
from web.api.schemas import AtLeast
from web.api.wire import AT_LEAST_HEADER, answer, body_of, query_of, visit_of, wait
from web.journeys import requests


class Requests:
    """GET and POST /me/requests"""

    @describe(
        "One's own requests to the utility, newest first, a page at a time: whether each is closed, since when, and the"
        " utility's last comment.",
        query=told.RequestsQuery,
        headers=AT_LEAST_HEADER,
        answer=told.ServiceRequests,
        problems=(401, 422),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        query = query_of(req, told.RequestsQuery)
        await wait(req, resp, query)
        closed = told.CLOSED[query.get("state", "all")]
        page = await requests.page(visit_of(req), limit=query["limit"], closed=closed, before=query.get("before"))
        answer(req, resp, told.ServiceRequests(items=tuple(map(told.request, page.items)), next=page.next))

    @describe(
        "Ask the utility something.",
        body=told.Submission,
        headers=KEY_HEADER,
        status=201,
        answer=told.Submitted,
        problems=(401, 409, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        data = await body_of(req, told.Submission)
        key = req.get_header("Idempotency-Key") or ""
        submitted = await requests.submit(
            visit_of(req), data["topic"], data["subject"], data["text"], key, about=told.about(data)
        )
        resp.set_header("Location", f"/api/v1/me/requests/{submitted.reference}")
        answer(req, resp, told.Submitted(reference=submitted.reference, position=submitted.position), status=201)


class Thread:
    """GET /me/requests/{request}"""

    @describe(
        "One of one's own requests, with all that was said.",
        query=AtLeast,
        headers=AT_LEAST_HEADER,
        answer=told.ServiceRequestThread,
        problems=(401, 404, 422, 503),
    )
    async def on_get(self, req: Request, resp: Response, request: str) -> None:
        await wait(req, resp, query_of(req, AtLeast))
        thread = await requests.thread(visit_of(req), request)
        content = told.ServiceRequestThread(
            request=told.request(thread.ticket),
            said=tuple(told.said(row, by=told.role(row.by)) for row in thread.said),
            card=reported(thread.card),
            may_reopen=thread.may_reopen,
            reopened_until=thread.reopened_until,
        )
        answer(req, resp, content)


class Comments:
    """POST /me/requests/{request}/comments"""

    @describe(
        "Add something to an open request of one's own.",
        body=told.Comment,
        headers=KEY_HEADER,
        status=201,
        answer=answers.Written,
        problems=(401, 404, 409, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response, request: str) -> None:
        data = await body_of(req, told.Comment)
        key = req.get_header("Idempotency-Key") or ""
        position = await requests.comment(visit_of(req), request, data["text"], key)
        answer(req, resp, answers.Written(position=position), status=201)


class Reopenings:
    """POST /me/requests/{request}/reopening"""

    @describe(
        "Open a request of one's own again, within 30 days of its closing.",
        body=told.Reopening,
        answer=answers.Written,
        problems=(401, 404, 409, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response, request: str) -> None:
        data = await body_of(req, told.Reopening)
        answer(req, resp, answers.Written(position=await requests.reopen(visit_of(req), request, data.get("text", ""))))
