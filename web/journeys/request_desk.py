"""Service requests, as the utility's staff works on them (journey 10)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain.commands.identity import UnknownNumber
from domain.commands.tickets import TicketWritten
from domain.damaged_card_events import OUTCOMES, CardOutcome
from domain.log import Position
from projections.tickets import TicketRow, Waiting
from web.journeys import normal, once, requests
from web.journeys.paging import Page
from web.journeys.refusals import FieldErrors
from web.journeys.visit import Visit
from wording.catalogue import N_

NO_SUCH_OUTCOME = N_("Choose what was done about the card.")


async def queue(
    visit: Visit,
    *,
    limit: int,
    closed: bool | None = False,
    topic: str | None = None,
    waiting: bool | None = None,
    number: str | None = None,
    before: str | None = None,
) -> Page[TicketRow]:
    """This will give a page of the utility's requests: open ones the oldest first, closed ones and all the newest first.

    `number` is an account's or meter's. Raises FieldErrors where it is unknown.
    """
    account_id = await _account_id(visit, number) if number else None
    wanted = {"account_id": account_id, "topic": topic, "waiting": waiting}
    return await requests.listed(visit, limit, before, closed=closed, oldest_first=closed is False, **wanted)


async def counts(visit: Visit) -> dict[str, Waiting]:
    """This will count the open requests of each topic that has any, and those that wait for the utility."""
    return await visit.services.views.tickets.counts()


async def account_number(visit: Visit, account_id: UUID) -> str:
    """This will give the number of the account that a request is about."""
    row = await visit.services.views.dashboard.of(account_id)
    return row.number if row is not None else ""


async def open_for(visit: Visit, number: str, topic: str, subject: str, text: str, idempotency_key: str) -> TicketWritten:
    """This will open a request for a customer, who told of it on the phone, say.

    Raises FieldErrors, KeyUsedForAnother, StillRunning.
    """
    wanted = requests.checked_request(topic, subject, text)
    account_id = await _account_id(visit, number)

    async def command(claim: once.Claim) -> TicketWritten:
        return await requests.opened(visit, account_id, wanted, None, claim)

    return await requests.run_once(visit, "request", idempotency_key, [wanted, account_id], command, requests.written)


async def close(visit: Visit, reference: str, comment: str, outcome: str = "") -> Position:
    """This will close a request with the utility's last word, which may be empty where it has said something since.

    One about a damaged card is closed with what was done about that, where `outcome` says so. Raises FieldErrors, NotFound,
    UnknownTicket, TicketAlreadyClosed, ClosingNeedsComment, NoDamagedCard, DamagedCardNotLookedUp, OutcomeAgainstJuice.
    """
    reference = requests.reference_of(reference)
    wanted = normal.checked(
        comment=requests.checked_text(comment, required=False),
        outcome=outcome if outcome in ("", *OUTCOMES) else normal.Unusable(NO_SUCH_OUTCOME),
    )
    return await visit.services.portal.close_ticket(
        visit.context(),
        reference=reference,
        comment=wanted["comment"],
        outcome=msgspec.convert(wanted["outcome"], CardOutcome) if outcome else None,
    )


async def _account_id(visit: Visit, number: str) -> UUID:
    number = normal.checked(number=normal.number(number))["number"]
    try:
        return (await visit.services.portal.find(number)).account_id
    except UnknownNumber:
        raise FieldErrors({"number": normal.NO_SUCH_NUMBER}) from None
