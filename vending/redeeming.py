"""Drives one card redemption to its one end, a step at a time. Safe to be killed between any two lines.

What was written down decides what may be done: a reservation may be sent once that is in the log; whatever was sent is
asked after (advice) until Juice answers, and is sent again, under the same message id, only where Juice has no such
transaction. A refusal proves nothing while an earlier copy may still arrive. So a card credits once, whatever is lost,
delayed, repeated or raced.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from uuid import UUID

import msgspec

from domain.account import Account
from domain.event import Context
from domain.portal import Portal
from domain.redemption import CardRedemption, RedemptionNotUnderWay, Stage
from domain.wallet import Receipt
from vending.juice import CardUsed, Juice, JuiceRefused, JuiceSilent, JuiceUnreachable, NoSuchTransaction
from vending.receipts import receipt_of

LONGEST_WAIT = timedelta(minutes=5)

ARRIVES_WITHIN = timedelta(minutes=5)
"""A copy of a message that has not reached Juice so long after it was sent will not reach it any more."""


class Ended(msgspec.Struct, frozen=True):
    """The redemption has reached its end; nothing is left to do."""


class Again(msgspec.Struct, frozen=True):
    """Nothing more can be known now; look again after this while."""

    after: timedelta


Next = Ended | Again


def backoff(attempts: int) -> timedelta:
    """This will give how long to wait after so many fruitless attempts: doubling from half a second to five minutes."""
    return min(timedelta(seconds=0.5 * 2 ** min(attempts, 12)), LONGEST_WAIT)


class Redeeming:
    """The process manager of card redemptions, for one utility."""

    def __init__(self, portal: Portal, juice: Juice) -> None:
        self.portal = portal
        self.juice = juice

    async def advance(self, redemption_id: UUID, context: Context, *, attempts: int) -> Next:
        """This will do what the redemption's stage calls for, as far as it gets."""
        redemption = await self.portal.redemption(redemption_id)
        if not redemption.under_way or redemption.message_id is None:
            return Ended()
        try:
            if redemption.stage is Stage.RESERVED:
                await self.portal.send_redemption(context, redemption_id=redemption_id, message_id=redemption.message_id)
                return await self._redeem(redemption, context, attempts)
            return await self._ask(redemption, context, attempts)
        except RedemptionNotUnderWay:
            # Another vendor was faster with the same redemption; what it wrote is looked at next.
            return Again(timedelta(0))

    async def look_again(self, redemption_id: UUID, context: Context) -> Next:
        """This will ask Juice once more after a redemption that it is said to have made, whatever was proven of it."""
        redemption = await self.portal.redemption(redemption_id)
        if redemption.stage is not Stage.PROVEN_ABSENT:
            return await self.advance(redemption_id, context, attempts=0)
        message_id = _message_id(redemption)
        try:
            reply = await self.juice.advise(message_id)
        except NoSuchTransaction:
            return Ended()
        except (JuiceSilent, JuiceUnreachable):
            return Again(backoff(0))
        receipt = receipt_of(reply, redemption.meter_id)
        # Unless another vendor has corrected it meanwhile, or the card is being tried again: that attempt asks Juice itself.
        with contextlib.suppress(RedemptionNotUnderWay):
            await self.portal.correct_redemption(context, redemption_id=redemption_id, message_id=message_id, receipt=receipt)
        return Ended()

    async def _ask(self, redemption: CardRedemption, context: Context, attempts: int) -> Next:
        """It may have been sent: only Juice's stored reply tells."""
        message_id = _message_id(redemption)
        try:
            reply = await self.juice.advise(message_id)
        except NoSuchTransaction:
            # `redemption` stays as it was before: a refusal is judged by the copies that were sent before this one.
            await self.portal.send_redemption_again(context, redemption_id=redemption.id, message_id=message_id)
            return await self._redeem(redemption, context, attempts)
        except (JuiceSilent, JuiceUnreachable) as error:
            return await self._doubt(redemption, context, attempts, error)
        return await self._settle(redemption, context, receipt_of(reply, redemption.meter_id))

    async def _redeem(self, redemption: CardRedemption, context: Context, attempts: int) -> Next:
        message_id = _message_id(redemption)
        secret = await self.portal.card_secret(redemption)
        if secret is None or redemption.account_id is None:
            raise RedemptionNotUnderWay
        account = await self.portal.load(Account, redemption.account_id)
        try:
            reply = await self.juice.redeem(
                message_id,
                serial=secret.serial,
                code=secret.code,
                account=account.number if secret.meter is None else None,
                meter=secret.meter,
            )
        except JuiceRefused as refusal:
            return await self._refused(redemption, context, attempts, refusal)
        except JuiceUnreachable:
            return Again(backoff(attempts))
        except JuiceSilent as error:
            return await self._doubt(redemption, context, attempts, error)
        return await self._settle(redemption, context, receipt_of(reply, redemption.meter_id))

    async def _refused(self, redemption: CardRedemption, context: Context, attempts: int, refusal: JuiceRefused) -> Next:
        """A refusal ends the attempt, unless the message had been sent before: that copy may still be on its way."""
        message_id = _message_id(redemption)
        if isinstance(refusal, CardUsed):
            # Used by whom? If by this very message, its reply is stored, and that is the outcome.
            try:
                reply = await self.juice.advise(message_id)
            except NoSuchTransaction:
                pass
            except (JuiceSilent, JuiceUnreachable) as error:
                return await self._doubt(redemption, context, attempts, error)
            else:
                return await self._settle(redemption, context, receipt_of(reply, redemption.meter_id))
        if redemption.sent_at is not None and context.at < redemption.sent_at + ARRIVES_WITHIN:
            await self._doubt(redemption, context, attempts, refusal)
            return Again(redemption.sent_at + ARRIVES_WITHIN - context.at)
        await self.portal.prove_redemption_absent(context, redemption_id=redemption.id, message_id=message_id, rule=refusal.rule)
        return Ended()

    async def _settle(self, redemption: CardRedemption, context: Context, receipt: Receipt) -> Next:
        await self.portal.settle_redemption(
            context, redemption_id=redemption.id, message_id=_message_id(redemption), receipt=receipt
        )
        return Ended()

    async def _doubt(self, redemption: CardRedemption, context: Context, attempts: int, error: Exception) -> Next:
        await self.portal.doubt_redemption(
            context, redemption_id=redemption.id, message_id=_message_id(redemption), reason=type(error).__name__
        )
        return Again(backoff(attempts))


def _message_id(redemption: CardRedemption) -> UUID:
    if redemption.message_id is None:
        raise RedemptionNotUnderWay
    return redemption.message_id
