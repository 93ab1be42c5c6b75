"""The token shelf of the account that is logged in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from falcon.asgi import Request, Response

from web.api.answers import Answer, Written, units
from web.api.cursors import PageQuery
from web.api.describe import describe
from web.api.schemas import Strict
from web.api.typed import Id
from web.api.wire import AT_LEAST_HEADER, answer, body_of, query_of, visit_of, wait
from web.journeys import ids, token_shelf


class ShelfToken(Answer, frozen=True):
    """`state`: open, entered, passed (a later one was entered), reversed, or meter-gone."""

    token_id: UUID
    kind: str
    digits: str
    order: int
    state: str
    entered_at: datetime | None


class Bought(Answer, frozen=True):
    """The tokens of one transaction, in the order of entry; `kind` is Juice's transaction type."""

    juice_number: str
    kind: str
    issued_at: datetime
    meter_id: UUID | None
    amount: int
    currency: str
    units: str
    unit: str
    tokens: tuple[ShelfToken, ...]


class SendTo(Answer, frozen=True):
    contact_id: UUID
    channel: str
    value: str


class Tokens(Answer, frozen=True):
    """`items` in the order of issue, which is the order of entry; `next` leads to older ones."""

    items: tuple[Bought, ...]
    next: str | None
    contacts: tuple[SendTo, ...]


class TokenMessage(Strict):
    contact_id = Id(required=True, metadata={"description": "One of `contacts` of GET /me/tokens: a confirmed contact."})


class TokensOfAccount:
    """GET /me/tokens"""

    @describe(
        "The tokens of the last `limit` transactions, to be entered in the order in which they stand here.",
        query=PageQuery,
        headers=AT_LEAST_HEADER,
        answer=Tokens,
        problems=(401, 422, 503),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        query = query_of(req, PageQuery)
        await wait(req, resp, query)
        page = await token_shelf.page(visit_of(req), limit=query["limit"], before=query.get("before"))
        contacts = await token_shelf.contacts(visit_of(req))
        content = Tokens(
            items=tuple(map(_bought, page.items)),
            next=page.next,
            contacts=tuple(SendTo(contact_id=c.contact_id, channel=c.channel, value=c.value) for c in contacts),
        )
        answer(req, resp, content)


class Entered:
    """PUT and DELETE /me/tokens/{token_id}/entered"""

    @describe("Mark a token as entered into its meter. Said twice, it counts once.", answer=Written, problems=(401, 404))
    async def on_put(self, req: Request, resp: Response, token_id: str) -> None:
        position = await token_shelf.mark(visit_of(req), ids.read(token_id), entered=True)
        answer(req, resp, Written(position=position))

    @describe("Take the mark back: it was not entered after all.", answer=Written, problems=(401, 404))
    async def on_delete(self, req: Request, resp: Response, token_id: str) -> None:
        position = await token_shelf.mark(visit_of(req), ids.read(token_id), entered=False)
        answer(req, resp, Written(position=position))


class Messages:
    """POST /me/tokens/{token_id}/messages"""

    @describe(
        "Send a token, with all that came with it, to a confirmed contact once more.",
        body=TokenMessage,
        status=202,
        answer=Written,
        problems=(401, 404, 409, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response, token_id: str) -> None:
        data = await body_of(req, TokenMessage)
        position = await token_shelf.send(visit_of(req), ids.read(token_id), data["contact_id"])
        answer(req, resp, Written(position=position), status=202)


def _bought(of: token_shelf.Bought) -> Bought:
    return Bought(
        juice_number=of.juice_number,
        kind=of.kind,
        issued_at=of.issued_at,
        meter_id=of.meter_id,
        amount=of.amount,
        currency=of.currency,
        units=units(of.milliunits),
        unit=of.unit,
        tokens=tuple(
            ShelfToken(token_id=t.token_id, kind=t.kind, digits=t.digits, order=t.order, state=t.state, entered_at=t.entered_at)
            for t in of.tokens
        ),
    )
