"""The right to look at one redemption or purchase without a login: it names it and its account, to us alone."""

from __future__ import annotations

from uuid import UUID

from web.journeys import tokens
from web.journeys.visit import Visit

REDEMPTION, PURCHASE = "redemption-status", "purchase-status"
SIZE = 32
PATTERN = tokens.pattern(SIZE)


def make(visit: Visit, id: UUID, account_id: UUID, purpose: str) -> str:
    """This will give 64 characters, safe in a URL. Once a card is tried for another account they lead nowhere."""
    return tokens.seal(visit.services.secrets, purpose, id.bytes + account_id.bytes)


def read(visit: Visit, token: str, purpose: str) -> tuple[UUID, UUID] | None:
    """This will give the id and the account of a token of ours; None for anything else."""
    content = tokens.unseal(visit.services.secrets, purpose, token, SIZE)
    return None if content is None else (UUID(bytes=content[:16]), UUID(bytes=content[16:]))
