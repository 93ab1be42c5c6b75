"""A token shelf: which tokens of an account were entered into their meters, as its customer says. One an account."""

from __future__ import annotations

from uuid import UUID, uuid5

from domain.aggregate import Aggregate, evolves
from domain.event import Context
from domain.token_shelf_events import TokenMarkedEntered, TokenMarkRemoved, TokensResendRequested


def shelf_id(account_id: UUID) -> UUID:
    """This will give the id of an account's one shelf. It follows from an id that says nothing, so it need not be keyed."""
    return uuid5(account_id, "token shelf")


def token_id(wallet_id: UUID, version: int, order: int) -> UUID:
    """This will give a token's id: it follows from the wallet's event that brought it, and its place among that one's tokens."""
    return uuid5(wallet_id, f"token {version}.{order}")


class TokenShelf(Aggregate):
    """What became of the tokens of one account. That they are the account's own is for whoever asks to know."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.entered: set[UUID] = set()

    def mark_entered(self, context: Context, *, account_id: UUID, token_id: UUID) -> None:
        """This will record that the token was entered; said twice, it is recorded once."""
        if token_id not in self.entered:
            self.record(TokenMarkedEntered, context, account_id=account_id, token_id=token_id)

    def remove_mark(self, context: Context, *, account_id: UUID, token_id: UUID) -> None:
        """This will record that the token was not entered after all; where that is what is known, nothing is recorded."""
        if token_id in self.entered:
            self.record(TokenMarkRemoved, context, account_id=account_id, token_id=token_id)

    def request_resend(self, context: Context, *, account_id: UUID, contact_id: UUID, juice_number: str) -> None:
        """This will record that a transaction's tokens are to be sent to a contact once more."""
        self.record(TokensResendRequested, context, account_id=account_id, contact_id=contact_id, juice_number=juice_number)

    @evolves(TokenMarkedEntered)
    def _evolve_marked(self, event: TokenMarkedEntered) -> None:
        self.entered.add(event.token_id)

    @evolves(TokenMarkRemoved)
    def _evolve_unmarked(self, event: TokenMarkRemoved) -> None:
        self.entered.discard(event.token_id)

    @evolves(TokensResendRequested)
    def _evolve_requested(self, event: TokensResendRequested) -> None:
        """Nothing depends on it here: the message is the notifier's."""
