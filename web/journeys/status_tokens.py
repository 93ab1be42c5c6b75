"""The right to look at one redemption without a login: it names the redemption and its account, and proves it is ours."""

from __future__ import annotations

import base64
import binascii
import hmac
from uuid import UUID

from web.journeys.visit import Visit

PROOF_BYTES = 16


def make(visit: Visit, redemption_id: UUID, account_id: UUID) -> str:
    """This will give 64 characters, safe in a URL. Once the card is tried for another account they lead nowhere."""
    body = redemption_id.bytes + account_id.bytes
    return base64.urlsafe_b64encode(body + _proof(visit, body)).decode()


def read(visit: Visit, token: str) -> tuple[UUID, UUID] | None:
    """This will give redemption and account of a token of ours; None for anything else."""
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, proof = raw[:32], raw[32:]
    if len(body) != 32 or not hmac.compare_digest(proof, _proof(visit, body)):
        return None
    return UUID(bytes=body[:16]), UUID(bytes=body[16:])


def _proof(visit: Visit, body: bytes) -> bytes:
    return visit.services.secrets.mac("redemption-status", body)[:PROOF_BYTES]
