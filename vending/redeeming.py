"""Drives one card redemption to its one end, a step at a time. Safe to be killed between any two lines.

What was written down decides what may be done: a reservation may be sent once that is in the log, and from then on it is a
message to Juice like any other (`vending.sending`). So a card credits once, whatever is lost, delayed, repeated or raced.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import datetime, timedelta
from uuid import UUID

from domain.account import Account
from domain.commands.redemptions import MeterNotOfAccount
from domain.event import Context
from domain.portal import Portal
from domain.redemption import CardRedemption, RedemptionNotUnderWay, Stage
from vending.juice import Juice
from vending.juice_answers import Reply, Sent
from vending.juice_refusals import JuiceSilent, JuiceUnreachable, NoSuchTransaction
from vending.receipts import has_its_token, receipt_of
from vending.sending import DOUBT_LASTS, Again, Ended, Next, Sending, backoff

logger = logging.getLogger(__name__)

TENDER = "JC"
"""The type that Juice gives the redemption of a card."""


class Redeeming:
    """The process manager of card redemptions, for one utility."""

    def __init__(self, portal: Portal, juice: Juice) -> None:
        self.portal = portal
        self.juice = juice
        self.sending = Sending(juice)

    async def advance(self, redemption_id: UUID, context: Context, *, attempts: int) -> Next:
        """This will do what the redemption's stage calls for, as far as it gets."""
        redemption = await self.portal.redemption(redemption_id)
        if not redemption.under_way or redemption.message_id is None:
            return Ended()
        message = Redemption(self.portal, self.juice, redemption, redemption.message_id, context)
        try:
            if redemption.stage is Stage.RESERVED:
                try:
                    await self.portal.send_redemption(context, redemption_id=redemption_id, message_id=redemption.message_id)
                except MeterNotOfAccount as refusal:
                    await message.refused(type(refusal).__name__)
                    return Ended()
                message.copies = (context.at,)
                return await self.sending.send(message, context.at, attempts)
            if redemption.doubted_at is not None and context.at >= redemption.doubted_at + DOUBT_LASTS:
                await self.portal.flag_redemption(context, redemption_id=redemption_id, message_id=redemption.message_id)
            return await self.sending.ask(message, context.at, attempts)
        except RedemptionNotUnderWay:
            # Another vendor was faster with the same redemption; what it wrote is looked at next.
            return Again(timedelta(0))

    async def look_again(self, redemption_id: UUID, context: Context) -> Next:
        """This will ask Juice once more after a redemption that it is said to have made, whatever was proven of it."""
        redemption = await self.portal.redemption(redemption_id)
        if redemption.stage is not Stage.PROVEN_ABSENT or redemption.message_id is None:
            return await self.advance(redemption_id, context, attempts=0)
        message = Redemption(self.portal, self.juice, redemption, redemption.message_id, context)
        try:
            reply = await self.juice.advise(await message.sent(), at=context.at)
        except NoSuchTransaction:
            return Ended()
        except (JuiceSilent, JuiceUnreachable):
            return Again(backoff(0))
        if not await message.suits(reply):
            # The wallet is of another currency or account: comparing the books names it.
            logger.error("a redemption proven absent has another reply", extra={"redemption_id": str(redemption_id)})
            return Ended()
        receipt = receipt_of(reply, redemption.meter_id)
        # Unless another vendor has corrected it meanwhile, or the card is being tried again: that attempt asks Juice itself.
        with contextlib.suppress(RedemptionNotUnderWay):
            await self.portal.correct_redemption(
                context,
                redemption_id=redemption_id,
                message_id=redemption.message_id,
                receipt=receipt,
                recognise=reply.message_id is None,
            )
        return Ended()


class Redemption:
    """A redemption's message to Juice."""

    why_not_again = None

    def __init__(self, portal: Portal, juice: Juice, redemption: CardRedemption, message_id: UUID, context: Context) -> None:
        self.portal = portal
        self.juice = juice
        self.redemption = redemption
        self.copies = redemption.copies
        self.message_id = message_id
        self.context = context

    @property
    def sent_at(self) -> datetime | None:
        """When the last copy before this attempt was sent."""
        return self.redemption.sent_at

    async def put(self) -> Reply:
        """This will ask Juice to redeem the card."""
        secret = await self.portal.card_secret(self.redemption)
        if secret is None or self.redemption.account_id is None:
            raise RedemptionNotUnderWay
        account = await self.portal.load(Account, self.redemption.account_id)
        return await self.juice.redeem(
            self.message_id,
            serial=secret.serial,
            code=secret.code,
            account=account.number if secret.meter is None else None,
            meter=secret.meter,
        )

    async def sent(self) -> Sent:
        """This will give what Juice was asked for, and when; the card's serial only while its secret is kept."""
        secret, target = await self.portal.card_secret(self.redemption), None
        if secret is not None and secret.meter is None and self.redemption.account_id is not None:
            target = (await self.portal.load(Account, self.redemption.account_id)).number
        return Sent(
            message_id=self.message_id,
            tender=TENDER,
            account=target,
            meter=secret.meter if secret else None,
            serial=secret.serial if secret else None,
            first_at=self.redemption.first_sent_at or self.context.at,
            last_at=self.redemption.sent_at or self.context.at,
        )

    async def suits(self, reply: Reply) -> bool:
        """Whether the meter and the account were credited that the card was for, and its token is there; what it is worth is
        Juice's to say.
        """
        redemption = self.redemption
        secret = await self.portal.card_secret(redemption)
        if reply.currency != redemption.currency or redemption.account_id is None:
            return False
        account = await self.portal.load(Account, redemption.account_id)
        if not account.forgotten and reply.account != account.number:
            return False
        meters = account.former_meters | account.meters
        meter = meters.get(redemption.meter_id) if redemption.meter_id is not None else None
        return (secret is None or secret.meter in (None, reply.meter)) and has_its_token(reply, meter)

    async def sent_again(self) -> None:
        """This will write down that the card is about to be sent once more."""
        await self.portal.send_redemption_again(
            self.context, redemption_id=self.redemption.id, message_id=self.message_id, copies=self.copies
        )
        self.copies = (*self.copies, self.context.at)

    async def never_left(self) -> None:
        """This will take back that the copy of this attempt was sent."""
        await self.portal.take_back_redemption(
            self.context, redemption_id=self.redemption.id, message_id=self.message_id, sent_at=self.context.at
        )

    async def doubted(self, reason: str) -> None:
        """This will write down that the reply was lost."""
        await self.portal.doubt_redemption(
            self.context, redemption_id=self.redemption.id, message_id=self.message_id, reason=reason
        )

    async def undecided(self) -> None:
        """Of a card nothing has to be told before the doubt lasts."""

    async def settled(self, reply: Reply) -> None:
        """This will credit the wallet by Juice's reply."""
        receipt = receipt_of(reply, self.redemption.meter_id)
        await self.portal.settle_redemption(
            self.context,
            redemption_id=self.redemption.id,
            message_id=self.message_id,
            receipt=receipt,
            recognise=reply.message_id is None,
        )

    async def refused(self, rule: str) -> None:
        """This will free the card."""
        await self.portal.prove_redemption_absent(
            self.context, redemption_id=self.redemption.id, message_id=self.message_id, rule=rule, copies=self.copies
        )
