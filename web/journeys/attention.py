"""What somebody of the utility should look at: what is in doubt, is to be settled by hand, differs, did not arrive, stands still,
or was left out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

import msgspec

from projections.arrears_shares import ArrearsShareRow
from projections.reconciliations import ReconciliationRow
from projections.standing import LeftOut
from vending.feeds import ORDER
from vending.juice_answers import FeedName
from vending.juice_refusals import JuiceRefused, JuiceSilent, JuiceUnreachable
from web.access.roles import Role
from web.journeys.account_desk import Payment, of_card, of_purchase
from web.journeys.paging import BY_ID, BY_POSITION, Page, cut
from web.journeys.visit import Visit
from web.services import Undelivered

LONG = timedelta(minutes=2)
"""A payment that has not moved for so long is worth a look, as is any in doubt; as a rule one ends within seconds."""

SHOWN_FOR = timedelta(days=30)
"""Differences, and messages that reached nobody, are news for so long; later they stand in histories."""

SHOWN = 50
"""Rows of each list, at most."""

PATIENCE_S = 3.0
"""For so long Juice is asked what its feeds hold."""


class PaymentOf(msgspec.Struct, frozen=True, kw_only=True):
    """A payment and whose it is."""

    account_id: UUID
    payment: Payment


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """One of Juice's feeds: read to its end, or behind just now; silent where Juice did not say."""

    name: FeedName
    state: Literal["read", "behind", "silent"]


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """What a read model leaves out, and whose it is where that can be told."""

    left_out: LeftOut
    account_id: UUID | None


class Attention(msgspec.Struct, frozen=True, kw_only=True):
    """What is so now. `stuck` payments have not ended, the oldest first; those `by_hand` have, but the money has not, the newest
    first. `shares` of arrears were chosen, and Juice has not answered. There is `more` where not all of them are named.
    """

    stuck: Sequence[PaymentOf]
    shares: Sequence[ArrearsShareRow] = ()
    by_hand: Sequence[PaymentOf]
    more: bool
    feeds: Sequence[Feed]
    gaps: Sequence[Gap]


async def needed(visit: Visit) -> Attention:
    """This will look at payments, feeds and read models, at once."""
    views, since, limit = visit.services.views, visit.clock() - LONG, SHOWN + 1
    redemptions, purchases, shares, by_hand, left_out, feeds = await asyncio.gather(
        views.redemptions.under_way(since=since, limit=limit),
        views.purchases.under_way(since=since, limit=limit),
        views.arrears_shares.under_way(since=since, limit=SHOWN),
        views.purchases.by_hand(limit=limit),
        views.standing.left_out(limit=SHOWN),
        asyncio.gather(*(_feed(visit, name) for name in ORDER)),
    )
    stuck = [
        *(PaymentOf(account_id=row.account_id, payment=of_card(row)) for row in redemptions),
        *(PaymentOf(account_id=row.account_id, payment=of_purchase(row)) for row in purchases),
    ]
    stuck.sort(key=lambda row: row.payment.changed_at)
    owners = await asyncio.gather(*(_owner(visit, row.originator_id) for row in left_out))
    return Attention(
        stuck=stuck[:SHOWN],
        shares=shares,
        by_hand=[PaymentOf(account_id=row.account_id, payment=of_purchase(row)) for row in by_hand[:SHOWN]],
        more=len(stuck) > SHOWN or len(by_hand) > SHOWN,
        feeds=feeds,
        gaps=[Gap(left_out=row, account_id=owner) for row, owner in zip(left_out, owners, strict=True)],
    )


async def differences(visit: Visit, *, limit: int = SHOWN, before: str | None = None) -> Page[ReconciliationRow]:
    """This will give a page of the wallets that differed from Juice of late, the newest first."""
    place = BY_POSITION.read(before) if before else None
    rows = await visit.services.views.reconciliations.listed(since=visit.clock() - SHOWN_FOR, limit=limit + 1, before=place)
    return cut(rows, limit, lambda row: BY_POSITION.write(row.recorded_at, row.position))


async def messages(visit: Visit, *, limit: int = SHOWN, before: str | None = None) -> Page[Undelivered]:
    """This will give a page of the messages that reached nobody of late, the newest first."""
    place = BY_ID.read(before) if before else None
    rows = await visit.services.undelivered(since=visit.clock() - SHOWN_FOR, limit=limit + 1, before=place)
    return cut(rows, limit, lambda row: BY_ID.write(row.ended_at, row.delivery_id))


def owners(found: Attention) -> list[UUID | None]:
    """This will give the accounts that are named there."""
    payments = (row.account_id for row in (*found.stuck, *found.by_hand))
    return [*payments, *(row.account_id for row in found.shares), *(gap.account_id for gap in found.gaps)]


async def numbers(visit: Visit, account_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """This will give the numbers of accounts, for staff; those of people who were forgotten are missing.

    A number is personal: an operator learns none.
    """
    if visit.role is not Role.STAFF:
        return {}
    wanted = {account_id for account_id in account_ids if account_id is not None}
    rows = await asyncio.gather(*(visit.services.views.dashboard.of(account_id) for account_id in wanted))
    return {row.account_id: row.number for row in rows if row is not None}


async def _feed(visit: Visit, name: FeedName) -> Feed:
    try:
        async with asyncio.timeout(PATIENCE_S):
            cursor = await visit.services.log.feed_cursor(name)
            page = await visit.services.juice.feed(name, after=cursor, limit=1)
    except (JuiceRefused, JuiceSilent, JuiceUnreachable, TimeoutError):
        return Feed(name=name, state="silent")
    return Feed(name=name, state="behind" if page.items else "read")


async def _owner(visit: Visit, originator_id: UUID) -> UUID | None:
    """Whose the aggregate is, where it is an account, a payment or a request."""
    views = visit.services.views
    for view in (views.dashboard, views.redemptions, views.purchases, views.tickets, views.arrears_shares):
        row = await view.of(originator_id)
        if row is not None:
            return row.account_id
    return None
