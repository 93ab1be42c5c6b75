"""One message to Juice, sent perhaps several times: which copies of it may be on their way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domain.aggregate import Aggregate


class Copied(Aggregate):
    """An aggregate that sends Juice a message. `copies` are the moments at which those were sent that may have left."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.copies: tuple[datetime, ...] = ()

    @property
    def first_sent_at(self) -> datetime | None:
        """When the first copy was sent that may have left; None where there is none."""
        return min(self.copies, default=None)

    @property
    def sent_at(self) -> datetime | None:
        """When the last copy was sent that may have left; None where there is none."""
        return max(self.copies, default=None)

    def is_all(self, copies: tuple[datetime, ...] | None) -> bool:
        """Whether these are all copies there are, so that what is known of them is known of the message; None means all."""
        return copies is None or copies == self.copies

    def _evolve_taken_back(self, sent_at: datetime) -> None:
        place = self.copies.index(sent_at)
        self.copies = self.copies[:place] + self.copies[place + 1 :]
