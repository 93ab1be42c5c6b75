"""The ticket between a number and the proof: it names the account, to us alone, expires, and is kept nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from web.journeys import tokens
from web.journeys.refusals import TicketExpired
from web.journeys.visit import Visit

LASTS = timedelta(minutes=30)
MAY_PICK = "identity-ticket"
MAY_NOT_PICK = "identity-ticket-without-list"
SIZE = 20
PATTERN = tokens.pattern(SIZE)


class Ticket(NamedTuple):
    """Whose identity is in question, and whether the list of ten addresses may answer it."""

    account_id: UUID
    may_pick: bool


def make(visit: Visit, ticket: Ticket) -> str:
    """This will give 48 characters that name the account for half an hour."""
    expires = int((visit.clock() + LASTS).timestamp())
    purpose = MAY_PICK if ticket.may_pick else MAY_NOT_PICK
    return tokens.seal(visit.services.secrets, purpose, ticket.account_id.bytes + expires.to_bytes(4))


def read(visit: Visit, text: str) -> Ticket:
    """This will give what a ticket of ours says. Raises TicketExpired."""
    for purpose in (MAY_PICK, MAY_NOT_PICK):
        content = tokens.unseal(visit.services.secrets, purpose, text, SIZE)
        if content is not None and visit.clock().timestamp() < int.from_bytes(content[16:]):
            return Ticket(UUID(bytes=content[:16]), purpose == MAY_PICK)
    raise TicketExpired
