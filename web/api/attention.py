"""What somebody of the utility should look at, for staff and operators. Account numbers are for staff alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from falcon.asgi import Request, Response

from web.api.accounts import PaymentAtDesk
from web.api.answers import Answer
from web.api.cursors import PageQuery, before
from web.api.describe import describe
from web.api.wire import AT_LEAST_HEADER, answer, query_of, visit_of, wait
from web.journeys import attention
from web.journeys.paging import BY_ID


class PaymentToLookAt(Answer, frozen=True):
    """`account` is missing for operators, and where its person was forgotten."""

    account: str | None
    payment: PaymentAtDesk


class Difference(Answer, frozen=True):
    """What Juice says of a wallet less what was recorded, in minor units."""

    account: str | None
    recorded_at: datetime
    as_of: datetime
    juice_balance: int
    recorded_balance: int
    difference: int


class Differences(Answer, frozen=True):
    items: tuple[Difference, ...]
    next: str | None


class MessageGivenUp(Answer, frozen=True):
    account: str | None
    kind: str
    channel: str
    state: str
    attempts: int
    created_at: datetime
    ended_at: datetime
    error: str | None


class MessagesGivenUp(Answer, frozen=True):
    items: tuple[MessageGivenUp, ...]
    next: str | None


class FeedState(Answer, frozen=True):
    """`state` is read (to its end), behind (just now), or silent (Juice did not say)."""

    name: str
    state: str


class LeftOut(Answer, frozen=True):
    """What a read model leaves out, from a position on."""

    account: str | None
    read_model: str
    aggregate_id: UUID
    at_position: int
    reason: str
    since: datetime


class ShareToLookAt(Answer, frozen=True):
    """An arrears share (percent) that a customer chose and Juice has not answered; its operators find it by `message_id`."""

    account: str | None
    description: str
    share: int
    former_share: int
    stage: str
    since: datetime
    flag: str | None
    message_id: UUID


class Attention(Answer, frozen=True):
    """`stuck` payments have not ended, the oldest first; those `by_hand` have, but their money is not where it should be, the
    newest first. `more` says that not all are named.
    """

    stuck: tuple[PaymentToLookAt, ...]
    shares: tuple[ShareToLookAt, ...]
    by_hand: tuple[PaymentToLookAt, ...]
    more: bool
    feeds: tuple[FeedState, ...]
    left_out: tuple[LeftOut, ...]


class MessagesQuery(PageQuery):
    before = before(BY_ID)


class AttentionNeeded:
    """GET /attention"""

    @describe(
        "What somebody should look at now: payments that do not end or have to be settled by hand, how far Juice's feeds are"
        " read, and what read models leave out.",
        answer=Attention,
        problems=(401, 403),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        visit = visit_of(req)
        found = await attention.needed(visit)
        numbers = await attention.numbers(visit, attention.owners(found))
        content = Attention(
            stuck=tuple(_payment(row, numbers) for row in found.stuck),
            shares=tuple(
                ShareToLookAt(
                    account=numbers.get(row.account_id),
                    description=row.description,
                    share=row.share,
                    former_share=row.former_share,
                    stage=row.stage,
                    since=row.changed_at,
                    flag=row.flag,
                    message_id=row.message_id,
                )
                for row in found.shares
            ),
            by_hand=tuple(_payment(row, numbers) for row in found.by_hand),
            more=found.more,
            feeds=tuple(FeedState(name=feed.name, state=feed.state) for feed in found.feeds),
            left_out=tuple(
                LeftOut(
                    account=numbers.get(gap.account_id) if gap.account_id else None,
                    read_model=gap.left_out.follower,
                    aggregate_id=gap.left_out.originator_id,
                    at_position=gap.left_out.position,
                    reason=gap.left_out.reason,
                    since=gap.left_out.parked_at,
                )
                for gap in found.gaps
            ),
        )
        answer(req, resp, content)


class DifferencesFound:
    """GET /attention/differences"""

    @describe(
        "Wallets whose balance in Juice differed from what is recorded, of the last 30 days, the newest first, a page at a time.",
        query=PageQuery,
        headers=AT_LEAST_HEADER,
        answer=Differences,
        problems=(401, 403, 422),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        query, visit = query_of(req, PageQuery), visit_of(req)
        await wait(req, resp, query)
        page = await attention.differences(visit, limit=query["limit"], before=query.get("before"))
        numbers = await attention.numbers(visit, [row.account_id for row in page.items])
        items = tuple(
            Difference(
                account=numbers.get(row.account_id),
                recorded_at=row.recorded_at,
                as_of=row.as_of,
                juice_balance=row.juice_balance,
                recorded_balance=row.recorded_balance,
                difference=row.difference,
            )
            for row in page.items
        )
        answer(req, resp, Differences(items=items, next=page.next))


class MessagesWithoutReader:
    """GET /attention/messages"""

    @describe(
        "Messages that reached nobody, of the last 30 days, the newest first, a page at a time, without address and text.",
        query=MessagesQuery,
        headers=AT_LEAST_HEADER,
        answer=MessagesGivenUp,
        problems=(401, 403, 422),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        query, visit = query_of(req, MessagesQuery), visit_of(req)
        await wait(req, resp, query)
        page = await attention.messages(visit, limit=query["limit"], before=query.get("before"))
        numbers = await attention.numbers(visit, [row.account_id for row in page.items])
        items = tuple(
            MessageGivenUp(
                account=numbers.get(row.account_id),
                kind=row.kind,
                channel=row.channel,
                state=row.state,
                attempts=row.attempts,
                created_at=row.created_at,
                ended_at=row.ended_at,
                error=row.error,
            )
            for row in page.items
        )
        answer(req, resp, MessagesGivenUp(items=items, next=page.next))


def _payment(row: attention.PaymentOf, numbers: Mapping[UUID, str]) -> PaymentToLookAt:
    payment = PaymentAtDesk(**msgspec.structs.asdict(row.payment))
    return PaymentToLookAt(account=numbers.get(row.account_id), payment=payment)
