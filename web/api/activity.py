"""The transactions of the account that is logged in, and the receipt of each."""

from __future__ import annotations

from falcon.asgi import Request, Response
from marshmallow import fields

from projections.activity import KINDS, ActivityRow
from web.api import answers
from web.api.answers import units
from web.api.cursors import PageQuery
from web.api.describe import describe
from web.api.schemas import AtLeast
from web.api.typed import Text
from web.api.wire import AT_LEAST_HEADER, answer, query_of, visit_of, wait
from web.journeys import activity


class ActivityQuery(PageQuery):
    since = fields.AwareDateTime(format="iso", metadata={"description": "RFC 3339; not older than this."})
    kind = Text(
        f"^(?:{'|'.join(KINDS)})$",
        says=f"A kind is one of {', '.join(KINDS)}.",
        required=False,
        description="One of Juice's transaction types.",
        examples=["JC"],
    )


class Activity:
    """GET /me/activity"""

    @describe(
        "Transactions, newest first, a page at a time.",
        query=ActivityQuery,
        headers=AT_LEAST_HEADER,
        answer=answers.Activity,
        problems=(401, 422),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        query = query_of(req, ActivityQuery)
        await wait(req, resp, query)
        asked = {name: query[name] for name in ("limit", "before", "since", "kind") if name in query}
        page = await activity.page(visit_of(req), **asked)
        answer(req, resp, answers.Activity(items=tuple(map(transaction, page.items)), next=page.next))


class Receipt:
    """GET /me/receipts/{receipt}"""

    @describe(
        "One transaction by Juice's number: where the money went, and its tokens.",
        query=AtLeast,
        headers=AT_LEAST_HEADER,
        answer=answers.Transaction,
        problems=(401, 404, 422),
    )
    async def on_get(self, req: Request, resp: Response, receipt: str) -> None:
        await wait(req, resp, query_of(req, AtLeast))
        answer(req, resp, transaction(await activity.receipt(visit_of(req), receipt)))


def transaction(row: ActivityRow) -> answers.Transaction:
    """This will show one transaction."""
    return answers.Transaction(
        juice_number=row.juice_number,
        happened_at=row.happened_at,
        kind=row.kind,
        meter_id=row.meter_id,
        amount=row.amount,
        currency=row.currency,
        units=units(row.milliunits),
        unit=row.unit,
        arrears=row.arrears,
        fees=row.fees,
        tax=row.tax,
        wallet_change=row.wallet_change,
        wallet_balance=row.wallet_balance,
        lines=tuple(map(answers.line, row.lines)),
        tokens=tuple(map(answers.token, row.tokens)),
    )
