"""Whose a transaction of Juice's is. Where Juice knows no message ids, Seed recognises its own, each by one process only.

The aggregate's id follows from Juice's number of the transaction, so the log itself refuses a second claim to it.
"""

from __future__ import annotations

from uuid import UUID

from domain.aggregate import Aggregate, Refusal, evolves
from domain.event import Context, Event


class TransactionRecognised(Event, frozen=True, kw_only=True):
    """This transaction of Juice's is what became of one purchase or redemption of Seed's, `process_id`, and of no other."""

    TOPIC = "transaction-recognised"

    juice_number: str
    process_id: UUID


class TransactionTaken(Refusal):
    """The transaction was recognised as another purchase's or redemption's."""


class JuiceTransaction(Aggregate):
    """One of Juice's transactions, as far as it concerns whose it is."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.process_id: UUID | None = None

    def recognise(self, context: Context, *, account_id: UUID | None, juice_number: str, process_id: UUID) -> None:
        """This will record whose it is; said twice, it is recorded once. Raises TransactionTaken."""
        if self.process_id not in (None, process_id):
            raise TransactionTaken
        if self.process_id is None:
            self.record(TransactionRecognised, context, account_id=account_id, juice_number=juice_number, process_id=process_id)

    @evolves(TransactionRecognised)
    def _evolve_recognised(self, event: TransactionRecognised) -> None:
        self.process_id = event.process_id
