"""The ticket between a number and the proof: it names the account, expires, and is kept nowhere."""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import timedelta
from uuid import UUID

from web.journeys.refusals import TicketExpired
from web.journeys.visit import Visit

LASTS = timedelta(minutes=30)
PROOF_BYTES = 16


def make(visit: Visit, account_id: UUID) -> str:
    """This will give 48 characters that name the account for half an hour."""
    expires = int((visit.clock() + LASTS).timestamp())
    body = account_id.bytes + expires.to_bytes(4)
    return base64.urlsafe_b64encode(body + _proof(visit, body)).decode()


def read(visit: Visit, ticket: str) -> UUID:
    """This will give the account a ticket of ours names. Raises TicketExpired."""
    try:
        raw = base64.b64decode(ticket, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise TicketExpired from None
    body, proof = raw[:20], raw[20:]
    if len(body) != 20 or not hmac.compare_digest(proof, _proof(visit, body)):
        raise TicketExpired
    if visit.clock().timestamp() >= int.from_bytes(body[16:]):
        raise TicketExpired
    return UUID(bytes=body[:16])


def _proof(visit: Visit, body: bytes) -> bytes:
    return visit.services.secrets.mac("identity-ticket", body)[:PROOF_BYTES]
