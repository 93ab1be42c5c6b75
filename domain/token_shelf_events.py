"""What a customer does with the tokens of an account."""

from __future__ import annotations

from uuid import UUID

from domain.event import Event


class TokenMarkedEntered(Event, frozen=True, kw_only=True):
    """The customer says that this token was entered into its meter."""

    TOPIC = "token-marked-entered"

    token_id: UUID


class TokenMarkRemoved(Event, frozen=True, kw_only=True):
    """The customer says that this token was not entered after all."""

    TOPIC = "token-mark-removed"

    token_id: UUID


class TokensResendRequested(Event, frozen=True, kw_only=True):
    """The tokens of this transaction are to be sent once more, to one contact."""

    TOPIC = "tokens-resend-requested"

    contact_id: UUID
    juice_number: str
