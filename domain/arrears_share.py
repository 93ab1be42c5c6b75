"""The share of each purchase that a customer chooses for one debt: a process from the choice to Juice's word on it.

Chosen → Sent → (InDoubt →) Confirmed or Refused; then it may be chosen anew. Its id follows from account and debt, so that a
debt has one, and one choice is under way at a time.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.aggregate import Refusal, evolves
from domain.arrears_share_events import (
    ShareChosen,
    ShareConfirmed,
    ShareDoubted,
    ShareFlagged,
    ShareRefused,
    ShareSent,
    ShareSentAgain,
)
from domain.copies import Copied
from domain.event import Context


class ShareStage(StrEnum):
    """How far a choice is; three outcomes stay apart: confirmed, known not to have been made, unknown."""

    FREE = "free"
    CHOSEN = "chosen"
    SENT = "sent"
    IN_DOUBT = "in-doubt"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class ShareBelowUtilitys(Refusal):
    """The utility's own share is more than that."""


class ShareAboveLimit(Refusal):
    """The utility lets less than that go to the debt."""


class ShareUnchanged(Refusal):
    """That share goes to the debt already."""


class ShareUnderWay(Refusal):
    """A choice for this debt was not answered by Juice yet."""


class ShareNotUnderWay(Refusal):
    """There is no choice under way under this message id."""


class ArrearsShare(Copied):
    """One debt's share, as its customer chooses it."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.stage = ShareStage.FREE
        self.account_id: UUID | None = None
        self.debt_id = ""
        self.share = 0
        self.message_id: UUID | None = None
        self.doubted_at: datetime | None = None
        self.is_flagged = False

    @property
    def belongs_to(self) -> UUID | None:
        return self.account_id

    @property
    def under_way(self) -> bool:
        """Whether Juice's word is still to come."""
        return self.stage in (ShareStage.CHOSEN, ShareStage.SENT, ShareStage.IN_DOUBT)

    def choose(
        self,
        context: Context,
        *,
        account_id: UUID,
        debt_id: str,
        description: str,
        share: int,
        present: int,
        least: int,
        most: int,
        message_id: UUID,
    ) -> None:
        """This will record the customer's choice; `present`, `least` and `most` are Juice's word of just now, in percent.

        Raises ShareUnderWay, ShareBelowUtilitys, ShareAboveLimit, ShareUnchanged.
        """
        if self.under_way:
            raise ShareUnderWay
        if share < least:
            raise ShareBelowUtilitys
        if share > most:
            raise ShareAboveLimit
        if share == present:
            raise ShareUnchanged
        said = {"debt_id": debt_id, "description": description, "share": share, "former_share": present}
        self.record(ShareChosen, context, account_id=account_id, message_id=message_id, **said)

    def send(self, context: Context, *, message_id: UUID) -> None:
        """This will record that Juice is about to be asked; only what was just chosen may be sent."""
        if self.stage is not ShareStage.CHOSEN or message_id != self.message_id:
            raise ShareNotUnderWay
        self.record(ShareSent, context, message_id=message_id)

    def send_again(self, context: Context, *, message_id: UUID) -> None:
        """This will record that the same message is about to be sent once more."""
        self._check(message_id)
        self.record(ShareSentAgain, context, message_id=message_id)

    def doubt(self, context: Context, *, message_id: UUID, reason: str) -> None:
        """This will record that the reply was lost; said twice, it is recorded once."""
        self._check(message_id)
        if self.stage is not ShareStage.IN_DOUBT:
            self.record(ShareDoubted, context, message_id=message_id, reason=reason)

    def flag(self, context: Context, *, message_id: UUID) -> None:
        """This will have staff look at a doubt that lasts, once for each."""
        if self.stage is ShareStage.IN_DOUBT and message_id == self.message_id and not self.is_flagged:
            self.record(ShareFlagged, context, message_id=message_id, reason="doubt-lasts")

    def confirm(self, context: Context, *, message_id: UUID) -> None:
        """This will end the choice: Juice takes the share that was chosen."""
        self._check(message_id)
        self.record(ShareConfirmed, context, message_id=message_id, debt_id=self.debt_id, share=self.share)

    def refuse(self, context: Context, *, message_id: UUID, rule: str, copies: tuple[datetime, ...] | None = None) -> None:
        """This will end the choice, since Juice is known not to have made it. `copies` are those of which that is known, None for
        all. Raises ShareNotUnderWay, also where another copy was sent since.
        """
        self._check(message_id)
        if not self.is_all(copies):
            raise ShareNotUnderWay
        self.record(ShareRefused, context, message_id=message_id, rule=rule)

    def _check(self, message_id: UUID) -> None:
        if not self.under_way or message_id != self.message_id:
            raise ShareNotUnderWay

    @evolves(ShareChosen)
    def _evolve_chosen(self, event: ShareChosen) -> None:
        self.stage, self.account_id = ShareStage.CHOSEN, event.account_id
        self.debt_id, self.share, self.message_id = event.debt_id, event.share, event.message_id
        self.copies, self.doubted_at = (), None
        self.is_flagged = False

    @evolves(ShareSent)
    def _evolve_sent(self, event: ShareSent) -> None:
        self.stage, self.copies = ShareStage.SENT, (event.at,)

    @evolves(ShareSentAgain)
    def _evolve_sent_again(self, event: ShareSentAgain) -> None:
        self.copies = (*self.copies, event.at)

    @evolves(ShareDoubted)
    def _evolve_doubted(self, event: ShareDoubted) -> None:
        self.stage, self.doubted_at = ShareStage.IN_DOUBT, event.at

    @evolves(ShareFlagged)
    def _evolve_flagged(self, event: ShareFlagged) -> None:
        self.is_flagged = True

    @evolves(ShareConfirmed)
    def _evolve_confirmed(self, event: ShareConfirmed) -> None:
        self.stage = ShareStage.CONFIRMED

    @evolves(ShareRefused)
    def _evolve_refused(self, event: ShareRefused) -> None:
        self.stage = ShareStage.REFUSED
