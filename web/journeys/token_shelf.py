"""The token shelf (journey 13): the last tokens again, in the order of entry, marked as entered, and sent once more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Literal
from uuid import UUID

import msgspec

from domain.contact import Contact
from domain.log import Position
from domain.meter import Meter
from projections.tokens import TokenRow
from web.access.limits import TOKEN_MESSAGES
from web.journeys import dashboard
from web.journeys.paging import BY_POSITION, Page, cut
from web.journeys.refusals import NotFound, TokensTakenBack
from web.journeys.visit import Visit

SHOWN = 12
"""Transactions of each meter that the shelf holds; older ones are in the activity."""

State = Literal["open", "entered", "passed", "reversed", "meter-gone"]


class ShelfToken(msgspec.Struct, frozen=True, kw_only=True):
    """One token. `state`: open (to be entered), entered (as the customer says), passed (a later one was entered, after which
    the meter takes this one no more), reversed (its transaction was taken back), meter-gone (its meter is not the account's)."""

    token_id: UUID
    kind: str
    digits: str
    order: int
    state: State
    entered_at: datetime | None


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    """The tokens of one transaction, in the order of entry. Money in minor units, units in thousandths."""

    juice_number: str
    kind: str
    issued_at: datetime
    position: Position
    meter_id: UUID | None
    amount: int
    currency: str
    milliunits: int
    unit: str
    tokens: tuple[ShelfToken, ...]

    @property
    def is_open(self) -> bool:
        """Whether one of them is still to be entered."""
        return any(token.state == "open" for token in self.tokens)

    @property
    def is_reversed(self) -> bool:
        """Whether the transaction was taken back."""
        return any(token.state == "reversed" for token in self.tokens)


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """One meter's tokens: `to_enter` in the order of issue, the others the latest first. No meter: those of former ones."""

    meter: Meter | None
    to_enter: tuple[Bought, ...]
    others: tuple[Bought, ...]


class Shelves(msgspec.Struct, frozen=True, kw_only=True):
    """Every meter's shelf, and where tokens may be sent. `behind`: what was done last may not be shown yet."""

    shelves: tuple[Shelf, ...]
    contacts: tuple[Contact, ...]
    behind: bool


async def of(visit: Visit, at_least: Position | None = None) -> Shelves:
    """This will give the shelves of the account that is logged in, those of its meters first. Raises NotYetVisible."""
    views = visit.services.views
    behind = at_least is not None and not await views.reached(at_least)
    row = await dashboard.row(visit)
    meters = sorted((m for m in row.meters if m.kind == "STS"), key=lambda m: (m.resource != "electricity", m.number))
    present = {meter.meter_id for meter in row.meters}
    latest, *of_meters = await asyncio.gather(
        views.tokens.latest(visit.account_id, transactions=SHOWN),
        *(views.tokens.latest(visit.account_id, transactions=SHOWN, meter_id=meter.meter_id) for meter in meters),
    )
    shelves = [_shelf(meter, bought(rows, present)) for meter, rows in zip(meters, of_meters, strict=True)]
    known = {meter.meter_id for meter in meters}
    former = _shelf(None, bought([token for token in latest if token.meter_id not in known], present))
    if former.to_enter or former.others:
        shelves.append(former)
    return Shelves(shelves=tuple(shelves), contacts=reachable(row.contacts), behind=behind)


async def page(visit: Visit, *, limit: int, before: str | None = None) -> Page[Bought]:
    """This will give the tokens of the last transactions, in the order of issue; past a cursor, those of older ones."""
    row = await dashboard.row(visit)
    rows = await visit.services.views.tokens.latest(
        visit.account_id, transactions=limit + 1, before=BY_POSITION.read(before) if before is not None else None
    )
    newest_first = bought(rows, {meter.meter_id for meter in row.meters})[::-1]
    found = cut(newest_first, limit, lambda each: BY_POSITION.write(each.issued_at, each.position))
    return Page(items=found.items[::-1], next=found.next)


async def contacts(visit: Visit) -> tuple[Contact, ...]:
    """This will give the contacts that tokens may be sent to."""
    return reachable((await dashboard.row(visit)).contacts)


async def mark(visit: Visit, token_id: UUID, *, entered: bool) -> Position:
    """This will record whether a token of the account was entered; 0 where that is known already. Raises NotFound."""
    await _transaction_of(visit, token_id)
    portal = visit.services.portal
    command = portal.mark_token_entered if entered else portal.remove_token_mark
    return await command(visit.context(), account_id=visit.account_id, token_id=token_id)


async def send(visit: Visit, token_id: UUID, contact_id: UUID) -> Position:
    """This will have a token, with all that came with it, sent to a confirmed contact once more.

    Raises NotFound, TokensTakenBack, ContactNotConfirmed, TooManyTries.
    """
    rows = await _transaction_of(visit, token_id)
    if any(row.reversed_at for row in rows):
        raise TokensTakenBack
    await visit.throttles.take(TOKEN_MESSAGES, visit.account_id)
    return await visit.services.portal.request_tokens_again(
        visit.context(), account_id=visit.account_id, contact_id=contact_id, juice_number=rows[0].juice_number
    )


def bought(rows: Sequence[TokenRow], present: set[UUID]) -> list[Bought]:
    """This will put the tokens of each transaction together; `present` are the account's meters."""
    return [_bought(list(tokens), present) for _, tokens in groupby(rows, key=lambda row: row.position)]


def reachable(all_contacts: Sequence[Contact]) -> tuple[Contact, ...]:
    """This will give the confirmed ones."""
    return tuple(contact for contact in all_contacts if contact.confirmed)


async def _transaction_of(visit: Visit, token_id: UUID) -> list[TokenRow]:
    rows = await visit.services.views.tokens.transaction_of(visit.account_id, token_id)
    if not rows:
        raise NotFound
    return rows


def _bought(rows: Sequence[TokenRow], present: set[UUID]) -> Bought:
    first = rows[0]
    return Bought(
        juice_number=first.juice_number,
        kind=first.transaction_kind,
        issued_at=first.issued_at,
        position=first.position,
        meter_id=first.meter_id,
        amount=first.amount,
        currency=first.currency,
        milliunits=first.milliunits,
        unit=first.unit,
        tokens=tuple(
            ShelfToken(
                token_id=row.token_id,
                kind=row.kind,
                digits=row.digits,
                order=row.token_order,
                state=_state(row, present),
                entered_at=row.entered_at,
            )
            for row in rows
        ),
    )


def _state(row: TokenRow, present: set[UUID]) -> State:
    if row.reversed_at is not None:
        return "reversed"
    if row.entered_at is not None:
        return "entered"
    if row.meter_id is not None and row.meter_id not in present:
        return "meter-gone"
    return "passed" if row.passed else "open"


def _shelf(meter: Meter | None, all_bought: Sequence[Bought]) -> Shelf:
    return Shelf(
        meter=meter,
        to_enter=tuple(each for each in all_bought if each.is_open),
        others=tuple(each for each in reversed(all_bought) if not each.is_open),
    )
