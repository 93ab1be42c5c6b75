"""One message to Juice, under an id of ours: sent once it is written down, asked after while its reply is lost.

Whatever was sent is asked after (advice) until Juice answers, and is sent again, under the same message id, only where Juice has
no such transaction; a Juice without advice, only once no copy can arrive any more (`vending.juice_without_advice`). A refusal
proves nothing while an earlier copy may still arrive. So a message is carried out once, whatever is lost, delayed, repeated or
raced. Safe to be killed between any two lines.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import msgspec

from domain.juice_transaction import TransactionTaken
from vending.juice_answers import Sent
from vending.juice_refusals import (
    CardUsed,
    JuiceRefused,
    JuiceSilent,
    JuiceUnreachable,
    NeverLeft,
    NoSuchTransaction,
    StillArriving,
    Undecided,
)

R = TypeVar("R")
"""Juice's reply to a kind of message."""

Told = TypeVar("Told", covariant=True)

LONGEST_WAIT = timedelta(minutes=5)

ARRIVES_WITHIN = timedelta(minutes=5)
"""A copy of a message that has not reached Juice so long after it was sent will not reach it any more."""

DOUBT_LASTS = timedelta(minutes=15)
"""After so long in doubt staff is told: longer than Juice is out of order on any usual day."""


class Ended(msgspec.Struct, frozen=True):
    """The process has reached its end; nothing is left to do."""


class Again(msgspec.Struct, frozen=True):
    """Nothing more can be known now; look again after this while. `answered`: Juice has answered, with what is not ours."""

    after: timedelta
    answered: bool = False


Next = Ended | Again


def backoff(attempts: int, *, first: timedelta = timedelta(seconds=0.5), longest: timedelta = LONGEST_WAIT) -> timedelta:
    """This will give how long to wait after so many fruitless attempts: doubling from `first` to `longest`."""
    doublings: int = 2 ** min(attempts, 12)
    return min(first * doublings, longest)


class ReplyDiffers(Exception):
    """Juice's reply is to another request than ours: what became of ours is unknown."""


class Advising(Protocol[Told]):
    """Who tells what became of a message."""

    async def advise(self, sent: Sent, *, at: datetime) -> Told:
        """This will give Juice's reply to a message. Raises NoSuchTransaction, StillArriving, Undecided."""
        ...


class Message(Protocol[R]):
    """What one process sends to Juice, and where it writes down what became of it."""

    @property
    def message_id(self) -> UUID:
        """The id under which Juice is asked, and asked again."""
        ...

    @property
    def sent_at(self) -> datetime | None:
        """When the last copy before this attempt was sent; None where there was none."""
        ...

    @property
    def why_not_again(self) -> str | None:
        """Why it may not be sent again, as a rule's name; None where it may."""
        ...

    async def put(self) -> R:
        """This will ask Juice to do it. Raises what the port raises."""
        ...

    async def sent(self) -> Sent:
        """This will give what was sent, and when, to ask after it."""
        ...

    async def suits(self, reply: R) -> bool:
        """Whether the reply is to what was asked."""
        ...

    async def sent_again(self) -> None:
        """This will write down that it is about to be sent once more."""
        ...

    async def never_left(self) -> None:
        """This will take back that the copy of this attempt was sent."""
        ...

    async def doubted(self, reason: str) -> None:
        """This will write down that the reply was lost."""
        ...

    async def undecided(self) -> None:
        """This will have staff look for it at Juice."""
        ...

    async def settled(self, reply: R) -> None:
        """This will write down Juice's reply. Raises TransactionTaken where it was recognised as another process's."""
        ...

    async def refused(self, rule: str) -> None:
        """This will write down that Juice is known not to have done it."""
        ...


class Sending(Generic[R]):
    """Sends messages to one utility's Juice, and asks what became of them. `at` is now.

    `proven_after`: so long after the last copy was sent a refusal proves that none of them was carried out.
    """

    def __init__(self, juice: Advising[R], *, proven_after: timedelta = ARRIVES_WITHIN) -> None:
        self.juice = juice
        self.proven_after = proven_after

    async def send(self, message: Message[R], at: datetime, attempts: int) -> Next:
        """This will send a message that is written down as sent. Ended where the outcome is known."""
        try:
            reply = await message.put()
        except JuiceRefused as refusal:
            return await self._refused(message, at, attempts, refusal)
        except NeverLeft:
            # Only who had it in hand knows that; where this is not written down any more, it counts as sent.
            await message.never_left()
            return Again(backoff(attempts))
        except JuiceUnreachable:
            return Again(backoff(attempts))
        except JuiceSilent as error:
            return await self._doubt(message, attempts, error)
        return await self._settle(message, attempts, reply)

    async def ask(self, message: Message[R], at: datetime, attempts: int) -> Next:
        """This will ask after a message that may have been sent: only Juice's stored reply tells."""
        try:
            reply = await self.juice.advise(await message.sent(), at=at)
        except NoSuchTransaction as absent:
            if message.why_not_again is not None:
                return await self._proven(message, at, attempts, absent, message.why_not_again)
            # `message` stays as it was before: a refusal is judged by the copies that were sent before this one.
            await message.sent_again()
            return await self.send(message, at, attempts)
        except StillArriving as error:
            await self._doubt(message, attempts, error)
            return Again(min(backoff(attempts), error.after))
        except Undecided as error:
            next = await self._doubt(message, attempts, error)
            await message.undecided()
            return next
        except (JuiceRefused, JuiceSilent, JuiceUnreachable) as error:
            # Whatever else Juice refuses here is the question, and says nothing of the message.
            return await self._doubt(message, attempts, error)
        return await self._settle(message, attempts, reply)

    async def _settle(self, message: Message[R], attempts: int, reply: R) -> Next:
        if not await message.suits(reply):
            # The reply that is stored stays as it is: only somebody who asks at Juice can bring this to an end.
            await message.doubted(ReplyDiffers.__name__)
            await message.undecided()
            return Again(backoff(attempts), answered=True)
        try:
            await message.settled(reply)
        except TransactionTaken as taken:
            # Of two that are alike, the other one has this transaction: what became of this one is to be found yet.
            return await self._doubt(message, attempts, taken)
        return Ended()

    async def _refused(self, message: Message[R], at: datetime, attempts: int, refusal: JuiceRefused) -> Next:
        if isinstance(refusal, CardUsed):
            # Used by whom? If by this very message, its reply is stored, and that is the outcome.
            try:
                reply = await self.juice.advise(await message.sent(), at=at)
            except NoSuchTransaction:
                pass
            except (JuiceRefused, JuiceSilent, JuiceUnreachable) as error:
                return await self._doubt(message, attempts, error)
            else:
                return await self._settle(message, attempts, reply)
        return await self._proven(message, at, attempts, refusal, refusal.rule)

    async def _proven(self, message: Message[R], at: datetime, attempts: int, refusal: JuiceRefused, rule: str) -> Next:
        """A refusal ends it, unless the message had been sent before: that copy may still be on its way."""
        if message.sent_at is not None and at < message.sent_at + self.proven_after:
            await self._doubt(message, attempts, refusal)
            # From now on, since a copy was perhaps sent just now: else each would be too young for the next to tell, for ever.
            return Again(self.proven_after)
        await message.refused(rule)
        return Ended()

    async def _doubt(self, message: Message[R], attempts: int, error: Exception) -> Next:
        await message.doubted(type(error).__name__)
        return Again(backoff(attempts))
