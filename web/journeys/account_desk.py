"""A customer's account, as the utility's staff sees it. Each look is recorded first, where auditors read it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from domain.contact import Contact
from domain.log import Position
from projections.activity import DEFAULT_DAYS, ActivityRow
from projections.arrears_shares import ArrearsShareRow
from projections.dashboard import Dashboard
from projections.purchases import PurchaseRow
from projections.redemptions import RedemptionRow
from projections.tickets import TicketRow
from web.access.limits import CONTINUATIONS, STAFF_LOOKUPS
from web.journeys import normal
from web.journeys.refusals import NotFound
from web.journeys.visit import Visit
from wording.masks import masked

SHOWN = 10
"""Rows of each list."""


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A Juice card's redemption (`kind` card) or a purchase by credit card (`kind` purchase), and how far it is.

    Juice's operators find it by `message_id`.
    """

    id: UUID
    message_id: UUID
    kind: str
    stage: str
    amount: int
    currency: str
    began_at: datetime
    changed_at: datetime
    rule: str | None
    flag: str | None


class AccountSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An account at the desk; `places` is what its contacts are shown as, masked unless asked for in full."""

    board: Dashboard
    places: dict[UUID, str]
    in_full: bool
    activity: list[ActivityRow]
    payments: list[Payment]
    requests: list[TicketRow]
    shares: Sequence[ArrearsShareRow] = ()


async def account_number(visit: Visit, number: str) -> str:
    """This will give the number of the account that an account's or meter's number leads to.

    Raises FieldErrors, UnknownNumber.
    """
    account = await visit.services.portal.account(await _find(visit, number))
    return account.number


async def look(visit: Visit, number: str, *, in_full: bool = False) -> AccountSeen:
    """This will record the look and give what there is; `in_full` shows contacts as they are, which is recorded as such.

    Raises FieldErrors, UnknownNumber, TooManyTries, and NotFound for a person who was forgotten.
    """
    await visit.throttles.take(STAFF_LOOKUPS, visit.context().by)
    account_id = await _find(visit, number)
    what = "account and contacts" if in_full else "account"
    await visit.services.portal.record_reading(visit.context(), account_id=account_id, what=what)
    views = visit.services.views
    board, activity, redemptions, purchases, requests, shares = await asyncio.gather(
        views.dashboard.of(account_id),
        views.activity.recent(account_id, limit=SHOWN, since=visit.clock() - timedelta(days=DEFAULT_DAYS)),
        views.redemptions.of_account(account_id, limit=SHOWN),
        views.purchases.of_account(account_id, limit=SHOWN),
        views.tickets.listed(account_id=account_id, limit=SHOWN),
        views.arrears_shares.of_account(account_id),
    )
    if board is None:
        raise NotFound
    return AccountSeen(
        board=board,
        places={each.contact_id: place(each, in_full=in_full) for each in board.contacts},
        in_full=in_full,
        activity=activity,
        payments=sorted([*map(of_card, redemptions), *map(of_purchase, purchases)], key=lambda row: row.began_at, reverse=True)[
            :SHOWN
        ],
        requests=requests,
        shares=shares[:SHOWN],
    )


async def offer_link(visit: Visit, number: str) -> Position:
    """This will have a link sent to the registered contacts, with which the customer gets a new password.

    Staff sees nothing of it. Raises FieldErrors, UnknownNumber, TooManyTries.
    """
    account_id = await _find(visit, number)
    await visit.throttles.take(CONTINUATIONS, account_id)
    return await visit.services.portal.offer_continuation(visit.context(), account_id=account_id)


async def contact(visit: Visit, number: str, contact_id: str) -> tuple[str, Contact]:
    """This will give the account's number and one of its contacts. Raises FieldErrors, UnknownNumber, NotFound."""
    account = await visit.services.portal.account(await _find(visit, number))
    found = account.contacts.get(_id(contact_id))
    if found is None:
        raise NotFound
    return account.number, found


async def remove_contact(visit: Visit, number: str, contact_id: str) -> Position:
    """This will remove a secondary contact that is not the customer's.

    Raises FieldErrors, UnknownNumber, NotFound, and the domain's NoSuchContact, RegisteredContactStays.
    """
    account_id = await _find(visit, number)
    return await visit.services.portal.remove_wrong_contact(visit.context(), account_id=account_id, contact_id=_id(contact_id))


def place(contact: Contact, *, in_full: bool = False) -> str:
    """This will write a contact, masked unless in full."""
    return contact.value if in_full else masked(contact.channel, contact.value)


def of_card(row: RedemptionRow) -> Payment:
    """This will give a redemption as a payment."""
    return Payment(
        id=row.redemption_id,
        message_id=row.message_id,
        kind="card",
        stage=row.stage,
        amount=row.amount,
        currency=row.currency,
        began_at=row.reserved_at,
        changed_at=row.changed_at,
        rule=row.rule,
        flag=row.flag,
    )


def of_purchase(row: PurchaseRow) -> Payment:
    """This will give a purchase as a payment."""
    return Payment(
        id=row.purchase_id,
        message_id=row.message_id,
        kind="purchase",
        stage=row.stage,
        amount=row.amount,
        currency=row.currency,
        began_at=row.requested_at,
        changed_at=row.changed_at,
        rule=row.rule,
        flag=row.flag,
    )


async def _find(visit: Visit, number: str) -> UUID:
    number = normal.checked(number=normal.number(number))["number"]
    return (await visit.services.portal.find(number)).account_id


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
