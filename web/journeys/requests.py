"""Service requests, as a customer makes and follows them (journey 10), and what their customer and the utility do alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from domain import references, writings
from domain.commands.tickets import DamagedCard, TicketWritten, UnknownTicket
from domain.log import Position
from domain.ticket import LONGEST_SUBJECT, LONGEST_TEXT, REOPENED_WITHIN
from domain.ticket_events import TOPICS, About, TicketTopic
from projections.damaged_cards import DamagedCardRow
from projections.purchases import PurchaseRow
from projections.redemptions import RedemptionRow
from projections.ticket_thread import ThreadRow
from projections.tickets import TicketRow
from web.access.limits import REQUEST_COMMENTS, REQUESTS
from web.access.roles import Role
from web.journeys import card_numbers, normal, once
from web.journeys.paging import BY_POSITION, Page, cut
from web.journeys.refusals import FieldErrors, NotFound, NotYetVisible
from web.journeys.visit import Visit
from wording.catalogue import N_

T = TypeVar("T")

NO_SUCH_TOPIC = N_("Choose what it is about.")
NO_SUBJECT = N_("Say in a few words what it is about.")
SUBJECT_TOO_LONG = N_("That is too long for a subject, which has up to 120 characters. The rest fits below.")
NEEDED = N_("Write something.")
TOO_LONG = N_("That is too long: up to 4,000 characters fit.")
A_CARD = N_("That looks like the number of a bank card. Please leave it out: nobody here needs it, and nobody may ask for it.")
NOT_YOURS = N_("There is no such payment in this account.")


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """A request, all that was said in it, and the damaged card that it is about.

    `reopened_until` is how long its customer may open it again, None while open.
    """

    ticket: TicketRow
    said: list[ThreadRow]
    card: DamagedCardRow | None
    reopened_until: datetime | None
    may_reopen: bool


async def page(visit: Visit, *, limit: int, closed: bool | None = None, before: str | None = None) -> Page[TicketRow]:
    """This will give a page of the customer's requests, newest first: those opened last, or closed last where `closed`."""
    return await listed(visit, limit, before, account_id=visit.account_id, closed=closed)


async def thread(visit: Visit, reference: str) -> Thread:
    """This will give one request of the customer's; for staff, one of the utility's. Raises NotFound,
    UnknownTicket, also where it is somebody else's, and NotYetVisible."""
    reference = reference_of(reference)
    views, ticket_id = visit.services.views, visit.services.portal.ticket_id(reference)
    row = await views.tickets.of(ticket_id)
    if row is None:
        # Perhaps it is in the log, and only the read model has not got there.
        await visit.services.portal.ticket(reference, whose(visit))
        raise NotYetVisible
    if whose(visit) not in (None, row.account_id):
        raise UnknownTicket
    until = row.closed_at + REOPENED_WITHIN if row.closed_at else None
    return Thread(
        ticket=row,
        said=await views.ticket_thread.of(ticket_id),
        card=await views.damaged_cards.of(ticket_id),
        reopened_until=until,
        may_reopen=until is not None and visit.clock() < until,
    )


async def submit(
    visit: Visit, topic: str, subject: str, text: str, idempotency_key: str, *, about: About | None = None
) -> TicketWritten:
    """This will open a request of the customer's; the same key with the same words opens one.

    Raises FieldErrors, TooManyTries, KeyUsedForAnother, StillRunning.
    """
    wanted = checked_request(topic, subject, text)
    account_id = visit.account_id

    async def command(claim: once.Claim) -> TicketWritten:
        if about is not None and await payment(visit, about) is None:
            raise FieldErrors({"about": NOT_YOURS})
        await visit.throttles.take(REQUESTS, account_id)
        return await opened(visit, account_id, wanted, about, claim)

    return await run_once(visit, "request", idempotency_key, [wanted, about], command, written)


async def comment(visit: Visit, reference: str, text: str, idempotency_key: str) -> Position:
    """This will add what the customer, or the utility's staff, has to say; the same key with the same words says it once.

    Raises FieldErrors, NotFound, UnknownTicket, TooManyTries, KeyUsedForAnother, StillRunning, TicketIsClosed, TooManyComments.
    """
    reference = reference_of(reference)
    wanted = normal.checked(text=checked_text(text))

    async def command(claim: once.Claim) -> Position:
        await _count_comment(visit)
        return await visit.services.portal.comment_ticket(
            visit.context(),
            reference=reference,
            text=wanted["text"],
            of_account=whose(visit),
            answer=claim.answered(200, b""),
        )

    return await run_once(visit, "comment", idempotency_key, [reference, wanted], command, lambda body, position: position)


async def reopen(visit: Visit, reference: str, text: str) -> Position:
    """This will open a closed request again, with a reason or without.

    Raises FieldErrors, NotFound, UnknownTicket, TooManyTries, TicketNotClosed, ReopeningTooLate.
    """
    reference = reference_of(reference)
    wanted = normal.checked(text=checked_text(text, required=False))
    await _count_comment(visit)
    return await visit.services.portal.reopen_ticket(
        visit.context(), reference=reference, text=wanted["text"], of_account=whose(visit)
    )


async def payment(visit: Visit, about: About) -> RedemptionRow | PurchaseRow | None:
    """This will give the payment that a request is about; None where it is not one of the account's."""
    views = visit.services.views
    row = await (views.redemptions.of(about.id) if about.kind == "redemption" else views.purchases.of(about.id))
    return row if row is not None and row.account_id == visit.account_id else None


async def opened(
    visit: Visit,
    account_id: UUID,
    wanted: dict[str, str],
    about: About | None,
    claim: once.Claim,
    *,
    card: DamagedCard | None = None,
) -> TicketWritten:
    """This will open a request for an account, in the words that were checked."""
    return await visit.services.portal.open_ticket(
        visit.context(),
        account_id=account_id,
        topic=msgspec.convert(wanted["topic"], TicketTopic),
        subject=wanted["subject"],
        text=wanted["text"],
        about=about,
        card=card,
        answer=lambda reference: claim.answered(201, msgspec.json.encode(reference)),
    )


async def listed(
    visit: Visit, limit: int, before: str | None, *, closed: bool | None, oldest_first: bool = False, **wanted: Any
) -> Page[TicketRow]:
    """This will give a page of requests by the time at which they were closed, where only closed ones are wanted, else opened."""
    rows = await visit.services.views.tickets.listed(
        limit=limit + 1,
        closed=closed,
        oldest_first=oldest_first,
        past=BY_POSITION.read(before) if before is not None else None,
        **wanted,
    )
    return cut(rows, limit, lambda row: BY_POSITION.write(_listed_by(row, closed), row.opened_position))


async def run_once(
    visit: Visit,
    what: str,
    key: str,
    wanted: Any,
    command: Callable[[once.Claim], Awaitable[T]],
    again: Callable[[bytes, Position], T],
) -> T:
    """This will run a command once for each key of whoever asks."""
    who = f"account:{visit.session.account_id}" if visit.session else visit.context().by
    request = once.Request(scope=f"{who}:{what}", key=key, body=msgspec.json.encode(wanted, order="sorted"))
    return await once.run(visit, request, command, again)


def written(body: bytes, position: Position) -> TicketWritten:
    """This will give the answer to a repeated submission."""
    return TicketWritten(reference=msgspec.json.decode(body, type=str), position=position)


def whose(visit: Visit) -> UUID | None:
    """Whose a request must be for this visitor: the customer's own; staff sees all of the utility's. Raises NotLoggedIn."""
    return None if visit.role is Role.STAFF else visit.account_id


def checked_request(topic: str, subject: str, text: str) -> dict[str, str]:
    """This will give what a request says as it is kept. Raises FieldErrors."""
    return normal.checked(
        topic=topic if topic in TOPICS else normal.Unusable(NO_SUCH_TOPIC), subject=_subject(subject), text=checked_text(text)
    )


def checked_text(text: str, *, required: bool = True) -> str:
    """This will give a text as it is kept.

    Unusable where it is too long, holds the number of a bank card, or nothing can be seen of one that is required.
    """
    kept = writings.paragraphs(text)
    if not kept and required:
        return normal.Unusable(NEEDED)
    if card_numbers.holds_one(kept):
        return normal.Unusable(A_CARD)
    return kept if len(kept) <= LONGEST_TEXT else normal.Unusable(TOO_LONG)


def reference_of(text: str) -> str:
    """This will give the reference that stands in an address, written as it is shown. Raises NotFound for any other text."""
    if references.read(text) != text:
        raise NotFound
    return text


async def _count_comment(visit: Visit) -> None:
    """What a customer writes, staff has to read; what staff writes is not counted. Raises TooManyTries."""
    if (account_id := whose(visit)) is not None:
        await visit.throttles.take(REQUEST_COMMENTS, account_id)


def _subject(text: str) -> str:
    kept = writings.line(text)
    if not kept:
        return normal.Unusable(NO_SUBJECT)
    if card_numbers.holds_one(kept):
        return normal.Unusable(A_CARD)
    return kept if len(kept) <= LONGEST_SUBJECT else normal.Unusable(SUBJECT_TOO_LONG)


def _listed_by(row: TicketRow, closed: bool | None) -> datetime:
    return row.closed_at if closed and row.closed_at else row.opened_at
