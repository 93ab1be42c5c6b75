"""Drives one choice of an arrears share to its end, a step at a time. Safe to be killed between any two lines.

A choice may be sent once that is in the log, and from then on it is a message to Juice like any other (`vending.sending`): asked
after while its reply is lost, sent again under the same message id only where Juice knows no such message.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domain.account import Account
from domain.arrears_share import ArrearsShare, ShareNotUnderWay, ShareStage
from domain.event import Context
from domain.portal import Portal
from vending.juice import Juice
from vending.juice_answers import Sent, ShareTaken
from vending.lost_vends import PROVEN_AFTER
from vending.sending import DOUBT_LASTS, Again, Ended, Next, Sending


class ShareAdvice:
    """Asks Juice what became of a choice."""

    def __init__(self, juice: Juice) -> None:
        self.juice = juice

    async def advise(self, sent: Sent, *, at: datetime) -> ShareTaken:
        """This will give the reply that is stored under the message's id. Raises NoSuchTransaction."""
        return await self.juice.advise_share(sent.message_id)


class ShareChoosing:
    """The process manager of chosen arrears shares, for one utility."""

    def __init__(self, portal: Portal, juice: Juice) -> None:
        self.portal = portal
        self.juice = juice
        # Money that moved after all is found again by Juice's feed; of a share nothing tells. So our clocks are waited out, too.
        self.sending = Sending(ShareAdvice(juice), proven_after=PROVEN_AFTER)

    async def advance(self, share_id: UUID, context: Context, *, attempts: int) -> Next:
        """This will do what the choice's stage calls for, as far as it gets."""
        choice = await self.portal.arrears_share(share_id)
        if not choice.under_way or choice.message_id is None:
            return Ended()
        message = Choice(self.portal, self.juice, choice, choice.message_id, context)
        try:
            if choice.stage is ShareStage.CHOSEN:
                await self.portal.send_share(context, share_id=share_id, message_id=choice.message_id)
                message.copies = (context.at,)
                return await self.sending.send(message, context.at, attempts)
            if choice.doubted_at is not None and context.at >= choice.doubted_at + DOUBT_LASTS:
                await self.portal.flag_share(context, share_id=share_id, message_id=choice.message_id)
            return await self.sending.ask(message, context.at, attempts)
        except ShareNotUnderWay:
            # Another vendor was faster with the same choice; what it wrote is looked at next.
            return Again(timedelta(0))


class Choice:
    """A choice's message to Juice."""

    why_not_again = None

    def __init__(self, portal: Portal, juice: Juice, choice: ArrearsShare, message_id: UUID, context: Context) -> None:
        self.portal = portal
        self.juice = juice
        self.choice = choice
        self.copies = choice.copies
        self.message_id = message_id
        self.context = context

    @property
    def sent_at(self) -> datetime | None:
        """When the last copy before this attempt was sent."""
        return self.choice.sent_at

    async def put(self) -> ShareTaken:
        """This will ask Juice to take the share."""
        if self.choice.account_id is None:
            raise ShareNotUnderWay
        account = await self.portal.load(Account, self.choice.account_id)
        return await self.juice.take_share(
            self.message_id, account=account.number, debt=self.choice.debt_id, share=self.choice.share
        )

    async def sent(self) -> Sent:
        """This will give under which id Juice was asked, and when."""
        sent_at = self.choice.sent_at or self.context.at
        return Sent(message_id=self.message_id, tender="", first_at=sent_at, last_at=sent_at)

    async def suits(self, reply: ShareTaken) -> bool:
        """Whether Juice takes the share that was chosen, for the debt that it was chosen for."""
        return (reply.debt, reply.share) == (self.choice.debt_id, self.choice.share)

    async def sent_again(self) -> None:
        """This will write down that it is about to be sent once more."""
        await self.portal.send_share_again(self.context, share_id=self.choice.id, message_id=self.message_id)
        self.copies = (*self.copies, self.context.at)

    async def never_left(self) -> None:
        """A Juice that keeps no message ids takes no shares: whatever else keeps them is asked by the id."""

    async def doubted(self, reason: str) -> None:
        """This will write down that the reply was lost."""
        await self.portal.doubt_share(self.context, share_id=self.choice.id, message_id=self.message_id, reason=reason)

    async def undecided(self) -> None:
        """This will have staff look at it."""
        await self.portal.flag_share(self.context, share_id=self.choice.id, message_id=self.message_id)

    async def settled(self, reply: ShareTaken) -> None:
        """This will write down that Juice takes the share."""
        await self.portal.confirm_share(self.context, share_id=self.choice.id, message_id=self.message_id)

    async def refused(self, rule: str) -> None:
        """This will write down that Juice is known not to take it."""
        await self.portal.refuse_share(
            self.context, share_id=self.choice.id, message_id=self.message_id, rule=rule, copies=self.copies
        )
