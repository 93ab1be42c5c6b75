"""Drives one purchase by credit card to its one end, a step at a time. Safe to be killed between any two lines.

The provider is asked what became of its payment page: its webhooks only say when to ask. What was authorised to the cent is sent
to Juice as a message like any other (`vending.sending`); only once Juice issued is the money captured, and only where it is
proven that it did not is the money released. What is unknown stays unknown, and staff is told when that lasts.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from domain.account import Account
from domain.commands.redemptions import MeterNotOfAccount
from domain.event import Context
from domain.portal import Portal
from domain.purchase import (
    OPEN,
    TENDER,
    WITH_JUICE,
    AuthorisationDiffers,
    AuthorisationEnds,
    Purchase,
    PurchaseNotOpen,
    PurchaseNotUnderWay,
    Stage,
)
from vending.card_provider import (
    CaptureDeclined,
    CardProvider,
    Payment,
    PaymentNotCapturable,
    PaymentNotReleasable,
    ProviderSilent,
    ProviderUnreachable,
)
from vending.juice import Juice
from vending.juice_answers import Reply, Sent
from vending.juice_refusals import JuiceSilent, JuiceUnreachable, NoSuchTransaction, UnknownMeter
from vending.receipts import has_its_token, receipt_of
from vending.sending import DOUBT_LASTS, Again, Ended, Next, Sending, backoff

logger = logging.getLogger(__name__)

OPENS_WITHIN = timedelta(minutes=15)
"""A payment page that is not written down so long after the wish was shown to nobody, and will not be."""

FIRST_LOOK, LONGEST_LOOK = timedelta(seconds=10), timedelta(minutes=5)
"""How often an open payment page is looked at where no webhook comes."""

TOLD_BEFORE = timedelta(days=1)
"""So long before an authorisation ends without an outcome staff is told."""

SHORTEST_AUTHORISATION = timedelta(days=4)
"""Where the provider does not say when an authorisation ends: below the five days that the shortest of the card schemes gives."""

AWAY = (ProviderSilent, ProviderUnreachable)


class PaymentOfAnother(Exception):
    """The payment page that is written down for this purchase belongs to another one at the provider. Somebody must look."""


class Purchasing:
    """The process manager of purchases, for one utility."""

    def __init__(self, portal: Portal, juice: Juice, cards: CardProvider) -> None:
        self.portal = portal
        self.juice = juice
        self.cards = cards
        self.sending = Sending(juice)

    async def advance(self, purchase_id: UUID, context: Context, *, attempts: int) -> Next:
        """This will do what the purchase's stage calls for, as far as it gets."""
        try:
            while not (purchase := await self.portal.purchase(purchase_id)).has_ended and purchase.exists:
                step = await self._step(purchase, context, attempts)
                if isinstance(step, Again):
                    return step
        except (PurchaseNotUnderWay, PurchaseNotOpen):
            # Another vendor was faster with the same purchase; what it wrote is looked at next.
            return Again(timedelta(0))
        return Ended()

    async def look_again(self, purchase_id: UUID, context: Context) -> Next:
        """This will ask Juice once more after a purchase that it is said to have issued, whatever was proven of it."""
        purchase = await self.portal.purchase(purchase_id)
        if purchase.message_id is None or purchase.juice_number is not None:
            return Ended()
        if purchase.stage in (Stage.PROVEN_ABSENT, Stage.RELEASED):
            try:
                reply = await self.juice.advise(await sent_of(self.portal, purchase, context.at), at=context.at)
            except NoSuchTransaction:
                return Ended()
            except (JuiceSilent, JuiceUnreachable):
                return Again(backoff(0))
            if not await Vend(self.portal, self.juice, purchase, context).suits(reply):
                # What was authorised is not for that: comparing the books names it.
                logger.error("a purchase proven absent has another reply", extra={"purchase_id": str(purchase_id)})
                return Ended()
            try:
                receipt = receipt_of(reply, purchase.meter_id)
                await self.portal.correct_purchase(
                    context, purchase_id=purchase_id, receipt=receipt, recognise=reply.message_id is None
                )
            except PurchaseNotUnderWay:  # another vendor has corrected it meanwhile
                return Ended()
        return await self.advance(purchase_id, context, attempts=0)

    async def _step(self, purchase: Purchase, context: Context, attempts: int) -> Next:
        """Ended: this stage is behind the purchase."""
        if purchase.stage in OPEN:
            return await self._look_at_page(purchase, context, attempts)
        if purchase.stage is Stage.AUTHORISED:
            return await self._send(purchase, context, attempts)
        await self._tell_staff_in_time(purchase, context)
        if purchase.stage in WITH_JUICE:
            return await self.sending.ask(Vend(self.portal, self.juice, purchase, context), context.at, attempts)
        if purchase.stage is Stage.ISSUED:
            return await self._capture(purchase, context, attempts)
        return await self._release(purchase, context, attempts)

    # At the payment page

    async def _look_at_page(self, purchase: Purchase, context: Context, attempts: int) -> Next:
        if purchase.checkout_id is None:
            return await self._wait_for_page(purchase, context)
        try:
            page = await self.cards.checkout(purchase.checkout_id)
        except AWAY:
            return Again(backoff(attempts))
        payment = page.payment
        if page.purchase_id != purchase.id or (payment is not None and payment.purchase_id != purchase.id):
            raise PaymentOfAnother(str(purchase.id))
        if payment is not None and payment.state in ("authorised", "captured"):
            await self._authorise(purchase, context, payment)
            return Ended()
        if page.state == "expired" and payment is not None and payment.state == "pending":
            return await self._end_payment(payment, attempts)
        if page.state == "expired":
            await self.portal.abandon_purchase(context, purchase_id=purchase.id, reason="expired")
            return Ended()
        if page.state == "completed" and payment is not None and payment.state == "released":
            await self.portal.abandon_purchase(context, purchase_id=purchase.id, reason="released")
            return Ended()
        return Again(backoff(attempts, first=FIRST_LOOK, longest=LONGEST_LOOK))

    async def _end_payment(self, payment: Payment, attempts: int) -> Next:
        """A bank that is still at it could hold the money after nobody looks any more; how it ended is looked at next."""
        try:
            await self.cards.release(payment.id)
        except AWAY:
            return Again(backoff(attempts, first=FIRST_LOOK, longest=LONGEST_LOOK))
        except PaymentNotReleasable:
            return Again(timedelta(0))
        return Ended()

    async def _wait_for_page(self, purchase: Purchase, context: Context) -> Next:
        if purchase.requested_at is not None and context.at < purchase.requested_at + OPENS_WITHIN:
            return Again(purchase.requested_at + OPENS_WITHIN - context.at)
        await self.portal.abandon_purchase(context, purchase_id=purchase.id, reason="unopened")
        return Ended()

    async def _authorise(self, purchase: Purchase, context: Context, payment: Payment) -> None:
        await self.portal.authorise_purchase(
            context,
            purchase_id=purchase.id,
            payment_id=payment.id,
            amount=payment.captured if payment.state == "captured" else payment.amount,
            currency=payment.currency,
            authorised_until=payment.capture_before or payment.at + SHORTEST_AUTHORISATION,
            card=f"{payment.card.brand} {payment.card.last4}" if payment.card else None,
        )

    # At Juice

    async def _send(self, purchase: Purchase, context: Context, attempts: int) -> Next:
        try:
            await self.portal.send_purchase(context, purchase_id=purchase.id)
        except (AuthorisationDiffers, AuthorisationEnds, MeterNotOfAccount) as refusal:
            await self.portal.prove_purchase_absent(context, purchase_id=purchase.id, rule=type(refusal).__name__)
            return Ended()
        message = Vend(self.portal, self.juice, purchase, context)
        message.copies = (context.at,)
        return await self.sending.send(message, context.at, attempts)

    async def _tell_staff_in_time(self, purchase: Purchase, context: Context) -> None:
        since = purchase.doubted_at if purchase.stage is Stage.IN_DOUBT else None
        if since is not None and context.at >= since + DOUBT_LASTS:
            await self.portal.flag_purchase(context, purchase_id=purchase.id, reason="doubt-lasts")
        if purchase.authorised_until is not None and context.at >= purchase.authorised_until - TOLD_BEFORE:
            await self.portal.flag_purchase(context, purchase_id=purchase.id, reason="authorisation-ends")

    # At the provider again

    async def _capture(self, purchase: Purchase, context: Context, attempts: int) -> Next:
        try:
            payment = await self.cards.capture(_payment_id(purchase))
        except AWAY:
            return Again(backoff(attempts))
        except PaymentNotCapturable as refusal:
            await self.portal.leave_purchase_uncollected(context, purchase_id=purchase.id, rule=type(refusal).__name__)
            return Ended()
        except CaptureDeclined as refusal:
            await self.portal.flag_purchase(context, purchase_id=purchase.id, reason="capture-declined")
            if purchase.authorised_until is None or context.at < purchase.authorised_until:
                return Again(backoff(attempts, first=timedelta(minutes=1), longest=timedelta(hours=1)))
            await self.portal.leave_purchase_uncollected(context, purchase_id=purchase.id, rule=type(refusal).__name__)
            return Ended()
        if (payment.captured, payment.currency) != (purchase.amount, purchase.currency):
            await self.portal.flag_purchase(context, purchase_id=purchase.id, reason="capture-differs")
        await self.portal.capture_purchase(context, purchase_id=purchase.id)
        return Ended()

    async def _release(self, purchase: Purchase, context: Context, attempts: int) -> Next:
        try:
            await self.cards.release(_payment_id(purchase))
        except AWAY:
            return Again(backoff(attempts))
        except PaymentNotReleasable:
            await self.portal.flag_purchase(context, purchase_id=purchase.id, reason="captured-elsewhere")
            return Again(timedelta(hours=1))
        await self.portal.release_purchase(context, purchase_id=purchase.id)
        return Ended()


class Vend:
    """A purchase's message to Juice."""

    def __init__(self, portal: Portal, juice: Juice, purchase: Purchase, context: Context) -> None:
        if purchase.message_id is None:
            raise PurchaseNotUnderWay
        self.portal = portal
        self.juice = juice
        self.purchase = purchase
        self.message_id = purchase.message_id
        self.copies = purchase.copies
        self.context = context

    @property
    def sent_at(self) -> datetime | None:
        """When the last copy before this attempt was sent."""
        return self.purchase.sent_at

    @property
    def why_not_again(self) -> str | None:
        """What Juice would issue could no longer be captured in peace."""
        return None if self.purchase.may_be_sent(self.context.at) else AuthorisationEnds.__name__

    async def put(self) -> Reply:
        """This will ask Juice to sell."""
        meter = await self.portal.meter_of_purchase(self.purchase)
        if meter is None:
            raise UnknownMeter("UnknownMeter", "nobody knows its number any more")
        return await self.juice.vend(self.message_id, amount=self.purchase.amount, tender=TENDER, meter=meter.number)

    async def sent(self) -> Sent:
        """This will give what Juice was asked for, and when."""
        return await sent_of(self.portal, self.purchase, self.context.at)

    async def suits(self, reply: Reply) -> bool:
        """Whether just as much was sold as was authorised, for its meter and account, and its token is there."""
        if (reply.amount, reply.currency) != (self.purchase.amount, self.purchase.currency) or self.purchase.account_id is None:
            return False
        meter = await self.portal.meter_of_purchase(self.purchase)
        if meter is None:
            return True  # its person was forgotten: nobody knows the numbers any more
        account = await self.portal.load(Account, self.purchase.account_id)
        return (reply.meter, reply.account) == (meter.number, account.number) and has_its_token(reply, meter)

    async def sent_again(self) -> None:
        """This will write down that the message is about to be sent once more."""
        await self.portal.send_purchase_again(self.context, purchase_id=self.purchase.id, copies=self.copies)
        self.copies = (*self.copies, self.context.at)

    async def never_left(self) -> None:
        """This will take back that the copy of this attempt was sent."""
        await self.portal.take_back_purchase(self.context, purchase_id=self.purchase.id, sent_at=self.context.at)

    async def doubted(self, reason: str) -> None:
        """This will write down that the reply was lost."""
        await self.portal.doubt_purchase(self.context, purchase_id=self.purchase.id, reason=reason)

    async def undecided(self) -> None:
        """This will have staff look for it among Juice's transactions."""
        await self.portal.flag_purchase(self.context, purchase_id=self.purchase.id, reason="ambiguous")

    async def settled(self, reply: Reply) -> None:
        """This will record what was issued."""
        receipt = receipt_of(reply, self.purchase.meter_id)
        await self.portal.issue_purchase(
            self.context, purchase_id=self.purchase.id, receipt=receipt, recognise=reply.message_id is None
        )

    async def refused(self, rule: str) -> None:
        """This will write down that nothing was issued."""
        await self.portal.prove_purchase_absent(self.context, purchase_id=self.purchase.id, rule=rule, copies=self.copies)


async def sent_of(portal: Portal, purchase: Purchase, at: datetime) -> Sent:
    """This will give what Juice was asked for, and when; `at`, now, where it was only just sent."""
    if purchase.message_id is None:
        raise PurchaseNotUnderWay
    meter = await portal.meter_of_purchase(purchase)
    return Sent(
        message_id=purchase.message_id,
        tender=TENDER,
        meter=meter.number if meter else None,
        amount=purchase.amount,
        currency=purchase.currency,
        first_at=purchase.first_sent_at or at,
        last_at=purchase.sent_at or at,
    )


def _payment_id(purchase: Purchase) -> str:
    if purchase.payment_id is None:
        raise PurchaseNotUnderWay
    return purchase.payment_id
