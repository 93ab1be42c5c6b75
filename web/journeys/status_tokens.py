"""The right to look at one redemption without a login: it names the redemption and its account, to us alone."""

from __future__ import annotations

from uuid import UUID

from web.journeys import tokens
from web.journeys.visit import Visit

PURPOSE = "redemption-status"
SIZE = 32
PATTERN = tokens.pattern(SIZE)


def make(visit: Visit, redemption_id: UUID, account_id: UUID) -> str:
    """This will give 64 characters, safe in a URL. Once the card is tried for another account they lead nowhere."""
    return tokens.seal(visit.services.secrets, PURPOSE, redemption_id.bytes + account_id.bytes)


def read(visit: Visit, token: str) -> tuple[UUID, UUID] | None:
    """This will give redemption and account of a token of ours; None for anything else."""
    content = tokens.unseal(visit.services.secrets, PURPOSE, token, SIZE)
    return None if content is None else (UUID(bytes=content[:16]), UUID(bytes=content[16:]))
