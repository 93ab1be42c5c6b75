"""What the books do not say alike, for staff and operators; staff settles it. Account numbers are for staff alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from falcon.asgi import Request, Response

from domain.difference import BY_HAND
from projections.differences import DifferenceRow
from web.api import answers
from web.api.answers import Answer
from web.api.describe import describe
from web.api.schemas import AtLeast, Strict
from web.api.typed import Text
from web.api.wire import AT_LEAST_HEADER, answer, body_of, query_of, visit_of, wait
from web.journeys import attention, differences
from web.journeys.history import CASE, MALFORMED_CASE


class BookDifference(Answer, frozen=True):
    """`recorded` is what Seed's log says, `told` what Juice or the provider says, `difference` told less recorded, in minor
    units; None where the currencies differ. `how`, `settled_at` and `settled_by` are None while it is open.

    `account` is missing for operators, where its person was forgotten, and where nobody knows whose payment it is.
    """

    difference_id: UUID
    account: str | None
    kind: str
    day: date
    message_id: str | None
    juice_number: str | None
    payment_id: str | None
    recorded: int
    currency: str
    told: int
    told_currency: str
    difference: int | None
    found_at: datetime
    how: str | None
    case: str | None
    settled_at: datetime | None
    settled_by: str | None


class BookDifferences(Answer, frozen=True):
    """`open` ones, the oldest first, and those `settled` in the last 30 days, the last first. `more` says that not all are
    named.
    """

    open: tuple[BookDifference, ...]
    settled: tuple[BookDifference, ...]
    more: bool


class Settlement(Strict):
    how = Text(
        f"^(?:{'|'.join(BY_HAND)})$",
        says=differences.CHOOSE,
        most=64,
        description=f"How it was settled: one of {', '.join(BY_HAND)}.",
        examples=["refunded"],
    )
    case = Text(
        f"^{CASE.pattern}$",
        says=MALFORMED_CASE,
        most=64,
        required=False,
        description="The reference of the utility's own case; kept for ever, so nothing of a person.",
        examples=["C-7"],
    )


class BooksCompared:
    """GET /attention/books"""

    @describe(
        "What Seed's log, Juice's list of transactions and the provider's list of payments do not say alike.",
        query=AtLeast,
        headers=AT_LEAST_HEADER,
        answer=BookDifferences,
        problems=(401, 403, 422),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        visit = visit_of(req)
        await wait(req, resp, query_of(req, AtLeast))
        found = await differences.found(visit)
        numbers = await attention.numbers(visit, [row.account_id for row in (*found.open, *found.settled)])
        content = BookDifferences(
            open=tuple(_told(row, numbers) for row in found.open),
            settled=tuple(_told(row, numbers) for row in found.settled),
            more=found.more,
        )
        answer(req, resp, content)


class Settlements:
    """POST /attention/books/{difference}/settlement"""

    @describe(
        "Say that a difference is settled, and how. Who said so stays on record.",
        body=Settlement,
        answer=answers.Written,
        problems=(401, 403, 404, 409, 422),
    )
    async def on_post(self, req: Request, resp: Response, difference: str) -> None:
        data = await body_of(req, Settlement)
        position = await differences.settle(visit_of(req), difference, data["how"], data.get("case", ""))
        answer(req, resp, answers.Written(position=position))


def _told(row: DifferenceRow, numbers: Mapping[UUID, str]) -> BookDifference:
    return BookDifference(
        difference_id=row.difference_id,
        account=numbers.get(row.account_id) if row.account_id else None,
        kind=row.kind,
        day=row.day,
        message_id=row.message_id,
        juice_number=row.juice_number,
        payment_id=row.payment_id,
        recorded=row.recorded,
        currency=row.currency,
        told=row.told,
        told_currency=row.told_currency,
        difference=row.difference,
        found_at=row.found_at,
        how=row.how,
        case=row.reference,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
    )
