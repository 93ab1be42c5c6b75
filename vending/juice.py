"""The port to Juice: what Seed asks of it. What it answers is in `vending.juice_answers`, and how an answer can fail to come in
`vending.juice_refusals`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from vending.juice_answers import (
    CardOffer,
    CardStatus,
    Customer,
    FeedName,
    ListPage,
    Page,
    Reply,
    Sent,
    ShareLimits,
    ShareTaken,
    UtilityTold,
)


class Juice(Protocol):
    """What Seed asks of one utility's Juice."""

    async def utility(self) -> UtilityTold:
        """This will give the utility's description."""
        ...

    async def confirm_customer(self, *, account: str | None = None, meter: str | None = None) -> Customer:
        """This will give Juice's word on an account or meter. Raises UnknownAccount, UnknownMeter."""
        ...

    async def check_card(self, serial: str, code: str) -> CardOffer:
        """This will say what the card is worth. Raises UnknownCard, CardUsed."""
        ...

    async def card_status(self, serial: str) -> CardStatus:
        """This will say how the card of a serial stands; it tells no code. Raises UnknownCard where no card has the serial."""
        ...

    async def trial_vend(self, *, amount: int, account: str | None = None, meter: str | None = None) -> Reply:
        """This will say what a vend of that amount would do, without doing it."""
        ...

    async def vend(
        self, message_id: UUID, *, amount: int, tender: str, account: str | None = None, meter: str | None = None
    ) -> Reply:
        """This will sell units; repeated under the same message id it gives the same reply."""
        ...

    async def redeem(
        self, message_id: UUID, *, serial: str, code: str, account: str | None = None, meter: str | None = None
    ) -> Reply:
        """This will redeem a card; repeated under the same message id it gives the same reply."""
        ...

    async def advise(self, sent: Sent, *, at: datetime) -> Reply:
        """This will give the stored reply to a message; `at` is now. Raises NoSuchTransaction.

        Where Juice stores none it is looked for: raises StillArriving and Undecided too.
        """
        ...

    async def share_limits(self, *, account: str) -> tuple[ShareLimits, ...]:
        """This will give the shares of the account's debts, in the order in which Juice pays them. Raises UnknownAccount."""
        ...

    async def take_share(self, message_id: UUID, *, account: str, debt: str, share: int) -> ShareTaken:
        """This will have that share (percent) of each payment go to the debt; repeated under the same message id it gives the
        same reply. Raises UnknownAccount, UnknownDebt, ShareOutOfLimits.
        """
        ...

    async def advise_share(self, message_id: UUID) -> ShareTaken:
        """This will give the stored reply of a chosen share's message id. Raises NoSuchTransaction."""
        ...

    async def reprint(self, *, count: int, account: str | None = None, meter: str | None = None) -> tuple[Reply, ...]:
        """This will give the last replies."""
        ...

    async def feed(self, name: FeedName, *, after: str | None, limit: int) -> Page:
        """This will give what changed past a cursor, in order."""
        ...

    async def transactions(self, *, since: datetime, until: datetime, after: str | None, limit: int) -> ListPage:
        """This will list the transactions that were made at `since` or later and before `until`, by Juice's clock, up to 1000 a
        page, from behind a cursor.
        """
        ...
