"""A Juice that keeps no message ids: it stores no reply to be asked for, and sells again where a message comes twice.

What became of a message is looked for among the recent transactions (`vending.lost_vends`). "No such transaction" is said
only where that is proven, so that whoever hears it may send the message once more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from vending.claims import Claims
from vending.juice import Juice
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
from vending.juice_refusals import JuiceRefused, JuiceSilent, NoSuchTransaction, ShareOutOfLimits, StillArriving, Undecided
from vending.lost_vends import Absent, Ambiguous, Found, Listed, NotYet, begins, fits, search

MOST = 50
"""So many transactions Juice lists at most."""


class JuiceWithoutAdvice:
    """The port to such a Juice, around a client of it."""

    def __init__(self, juice: Juice, claims: Claims) -> None:
        self.juice = juice
        self.claims = claims

    async def advise(self, sent: Sent, *, at: datetime) -> Reply:
        """This will find what became of a message. Raises NoSuchTransaction (proven), StillArriving, Undecided."""
        if sent.meter is None and sent.account is None:
            raise Undecided(())
        target = {"meter": sent.meter} if sent.meter is not None else {"account": sent.account}
        try:
            transactions = await self.juice.reprint(count=MOST, **target)
        except JuiceRefused as refusal:
            raise JuiceSilent(f"Juice lists no transactions: {refusal.rule}") from None
        is_whole = len(transactions) < MOST or min(each.at for each in transactions) < begins(sent)
        fitting = [each for each in transactions if fits(sent, each)]
        # In this order: a rival that finds its transaction between the two is counted with it, and neither misleads.
        rivals = await self.claims.rivals(sent, at) if len(fitting) > 1 else []
        fitting = [each for each in transactions if any(fits(one, each) for one in (sent, *rivals))]
        taken = await self.claims.taken(fitting)
        match search(sent, Listed(transactions=transactions, is_whole=is_whole, at=at), taken=taken, rivals=rivals):
            case Found(transaction):
                return transaction
            case Absent():
                raise NoSuchTransaction("NoSuchTransaction")
            case NotYet(after):
                raise StillArriving(after)
            case Ambiguous(candidates=()) if await self._is_unused(sent):
                # The list does not reach back, but a card is used once: this one was not, and no copy can arrive any more.
                raise NoSuchTransaction("NoSuchTransaction")
            case ambiguous:
                raise Undecided([each.transaction for each in ambiguous.candidates])

    async def _is_unused(self, sent: Sent) -> bool:
        if sent.serial is None:
            return False
        try:
            return (await self.juice.card_status(sent.serial)).used is None
        except JuiceRefused:
            return False

    async def vend(
        self, message_id: UUID, *, amount: int, tender: str, account: str | None = None, meter: str | None = None
    ) -> Reply:
        """This will sell units, each time it is called."""
        reply = await self.juice.vend(message_id, amount=amount, tender=tender, account=account, meter=meter)
        return _answering(reply, account=account, meter=meter, amount=amount, type=tender)

    async def redeem(
        self, message_id: UUID, *, serial: str, code: str, account: str | None = None, meter: str | None = None
    ) -> Reply:
        """This will redeem a card, which is possible once."""
        reply = await self.juice.redeem(message_id, serial=serial, code=code, account=account, meter=meter)
        return _answering(reply, account=account, meter=meter, serial=serial)

    # Without message ids a late copy of an earlier choice could undo a later one: so there is nothing to choose.

    async def share_limits(self, *, account: str) -> tuple[ShareLimits, ...]:
        """This will give the shares of the account's debts as they are, each as the only one there may be."""
        told = await self.juice.share_limits(account=account)
        return tuple(msgspec.structs.replace(debt, least=debt.share, most=debt.share) for debt in told)

    async def take_share(self, message_id: UUID, *, account: str, debt: str, share: int) -> ShareTaken:
        """This will refuse."""
        raise ShareOutOfLimits("ShareOutOfLimits")

    async def advise_share(self, message_id: UUID) -> ShareTaken:
        """This will say that nothing was done."""
        raise NoSuchTransaction("NoSuchTransaction")

    # What has nothing to do with message ids

    async def utility(self) -> UtilityTold:
        """This will give the utility's description."""
        return await self.juice.utility()

    async def confirm_customer(self, *, account: str | None = None, meter: str | None = None) -> Customer:
        """This will give Juice's word on an account or meter. Raises UnknownAccount, UnknownMeter."""
        return await self.juice.confirm_customer(account=account, meter=meter)

    async def check_card(self, serial: str, code: str) -> CardOffer:
        """This will say what the card is worth. Raises UnknownCard, CardUsed."""
        return await self.juice.check_card(serial, code)

    async def card_status(self, serial: str) -> CardStatus:
        """This will say what became of a card, by its serial alone. Raises UnknownCard."""
        return await self.juice.card_status(serial)

    async def trial_vend(self, *, amount: int, account: str | None = None, meter: str | None = None) -> Reply:
        """This will say what a vend of that amount would do, without doing it."""
        return await self.juice.trial_vend(amount=amount, account=account, meter=meter)

    async def reprint(self, *, count: int, account: str | None = None, meter: str | None = None) -> tuple[Reply, ...]:
        """This will give the last replies."""
        return await self.juice.reprint(count=count, account=account, meter=meter)

    async def feed(self, name: FeedName, *, after: str | None, limit: int) -> Page:
        """This will give what changed past a cursor, in order."""
        return await self.juice.feed(name, after=after, limit=limit)

    async def transactions(self, *, since: datetime, until: datetime, after: str | None, limit: int) -> ListPage:
        """This will list the transactions of a time."""
        return await self.juice.transactions(since=since, until=until, after=after, limit=limit)


def _answering(reply: Reply, **asked: Any) -> Reply:
    """This will give the reply where it answers what was asked; no message id says so."""
    if any(value is not None and getattr(reply, name) != value for name, value in asked.items()):
        raise JuiceSilent("Juice answered another message")
    return reply
