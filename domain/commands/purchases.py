"""Buying power with a credit card: from the wish, through the provider and Juice, to its one end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from domain import purchase_limits
from domain.account import Account
from domain.commands.recognising import RecognisingCommands
from domain.commands.redemptions import MeterNotOfAccount, meter_of
from domain.event import Context
from domain.log import Position
from domain.meter import Meter
from domain.purchase import Abandoned, Flag, Purchase, PurchaseNotUnderWay
from domain.records import Answered
from domain.wallet import CurrencyDiffers, Receipt, Wallet

PAYS_WITHIN = timedelta(hours=1)
"""How long a payment page stays open: long enough to find the card, too short for it to be forgotten and paid days later."""


class Requested(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase that was written."""

    purchase_id: UUID
    message_id: UUID
    position: Position


class PurchaseCommands(RecognisingCommands):
    """Journey 11, as the web and the vendor go through it."""

    def purchase_id(self, message_id: UUID | str) -> UUID:
        """This will give the id of the purchase for which Juice is asked under a message id."""
        return self.natural_id("purchase", str(message_id))

    async def purchase(self, purchase_id: UUID) -> Purchase:
        """This will give the purchase as it is now; one that was never requested has version 0."""
        return await self.load(Purchase, purchase_id)

    async def request_purchase(
        self,
        context: Context,
        *,
        account_id: UUID,
        meter_id: UUID | None,
        amount: int,
        currency: str,
        language: str,
        answer: Callable[[UUID], Answered] | None = None,
    ) -> Requested:
        """This will write down that a customer wants to buy for a meter of the account.

        `answer` makes the record that repetitions of this command will be answered with, of the purchase's id. Raises
        MeterNotOfAccount, AccountHasNoMeter, MeterMustBeNamed, CurrencyDiffers, AmountTooSmall, AmountTooLarge.
        """
        message_id, checkout_key = self.new_id(context), self.new_id(context)
        purchase_id = self.purchase_id(message_id)

        async def command() -> Requested:
            account = await self.load(Account, account_id)
            meter = meter_of(account, meter_id)
            wallet = await self.look_at(Wallet, account.wallet_id)
            if wallet.currency != currency:
                raise CurrencyDiffers(f"{currency} is not {wallet.currency}")
            purchase_limits.check(amount, currency)
            purchase = await self.purchase(purchase_id)
            purchase.request(
                context,
                account_id=account_id,
                wallet_id=account.wallet_id,
                meter_id=meter.meter_id,
                message_id=message_id,
                checkout_key=checkout_key,
                amount=amount,
                currency=currency,
                language=language,
                pays_until=context.at + PAYS_WITHIN,
            )
            position = await self.save(purchase, records=[] if answer is None else [answer(purchase_id)])
            return Requested(purchase_id=purchase_id, message_id=message_id, position=position)

        return await self.attempt(command)

    async def meter_of_purchase(self, purchase: Purchase) -> Meter | None:
        """This will give the meter that Juice is asked to sell for, also where it was removed meanwhile.

        The same message must say the same each time it is sent. None where nobody knows it any more.
        """
        if purchase.account_id is None or purchase.meter_id is None:
            return None
        account = await self.load(Account, purchase.account_id)
        if account.forgotten:
            return None
        return account.meters.get(purchase.meter_id) or account.former_meters.get(purchase.meter_id)

    async def open_checkout(self, context: Context, *, purchase_id: UUID, checkout_id: str) -> Position:
        """This will write down which payment page is the purchase's. Raises PurchaseNotOpen."""
        return await self._act(purchase_id, lambda purchase: purchase.open_checkout(context, checkout_id=checkout_id))

    async def notice_purchase(self, context: Context, *, purchase_id: UUID, notice_id: str, kind: str) -> Position:
        """This will write down that word came from the provider; 0 where it is known, or the purchase is not."""
        return await self._act(purchase_id, lambda purchase: purchase.notice(context, notice_id=notice_id, kind=kind))

    async def abandon_purchase(self, context: Context, *, purchase_id: UUID, reason: Abandoned) -> Position:
        """This will end a purchase whose payment page is closed for good. Raises PurchaseNotOpen."""
        return await self._act(purchase_id, lambda purchase: purchase.abandon(context, reason=reason))

    async def authorise_purchase(
        self,
        context: Context,
        *,
        purchase_id: UUID,
        payment_id: str,
        amount: int,
        currency: str,
        authorised_until: datetime,
        card: str | None,
    ) -> Position:
        """This will write down what the provider says was authorised. Raises PurchaseNotOpen."""
        return await self._act(
            purchase_id,
            lambda purchase: purchase.authorise(
                context,
                payment_id=payment_id,
                amount=amount,
                currency=currency,
                authorised_until=authorised_until,
                card=card,
            ),
        )

    async def send_purchase(self, context: Context, *, purchase_id: UUID) -> Position:
        """This will write down that Juice is about to be asked.

        Raises PurchaseNotUnderWay, also where another asked first, AuthorisationDiffers, AuthorisationEnds, MeterNotOfAccount.
        """

        async def command() -> Position:
            purchase = await self.purchase(purchase_id)
            purchase.send(context)
            if not await self._has_its_meter(purchase):
                # Its next owner's debts would be paid, and the power would be theirs.
                raise MeterNotOfAccount
            return await self.save(purchase)

        return await self.attempt(command)

    async def send_purchase_again(self, context: Context, *, purchase_id: UUID, copies: tuple[datetime, ...]) -> Position:
        """This will write down that Juice is about to be sent the same message again; `copies` are those that were asked
        after. Raises PurchaseNotUnderWay, AuthorisationDiffers, AuthorisationEnds.
        """
        return await self._act(purchase_id, lambda purchase: purchase.send_again(context, copies=copies))

    async def take_back_purchase(self, context: Context, *, purchase_id: UUID, sent_at: datetime) -> Position:
        """This will write down that the copy that was to be sent then never left. Raises PurchaseNotUnderWay."""
        return await self._act(purchase_id, lambda purchase: purchase.take_back(context, sent_at=sent_at))

    async def doubt_purchase(self, context: Context, *, purchase_id: UUID, reason: str) -> Position:
        """This will write down that Juice's reply was lost."""
        return await self._act(purchase_id, lambda purchase: purchase.doubt(context, reason=reason))

    async def issue_purchase(self, context: Context, *, purchase_id: UUID, receipt: Receipt, recognise: bool = False) -> Position:
        """This will record Juice's receipt at the purchase and in the wallet, in one transaction.

        With `recognise` its transaction is claimed for the purchase too: where no message id says whose it is. Raises
        TransactionTaken.
        """

        async def command() -> Position:
            purchase = await self.purchase(purchase_id)
            return await self._enter(context, purchase, receipt, recognise) if purchase.issue(context, receipt=receipt) else 0

        return await self.attempt(command)

    async def correct_purchase(
        self, context: Context, *, purchase_id: UUID, receipt: Receipt, recognise: bool = False
    ) -> Position:
        """This will record the receipt of a purchase that Juice made although it was proven absent. `recognise` as above."""

        async def command() -> Position:
            purchase = await self.purchase(purchase_id)
            purchase.find_issued(context, receipt=receipt)
            return await self._enter(context, purchase, receipt, recognise)

        return await self.attempt(command)

    async def prove_purchase_absent(
        self, context: Context, *, purchase_id: UUID, rule: str, copies: tuple[datetime, ...] | None = None
    ) -> Position:
        """This will write down that Juice is known not to have issued; `copies` are those of which that is known, None for all.

        Raises PurchaseNotUnderWay.
        """
        return await self._act(purchase_id, lambda purchase: purchase.prove_absent(context, rule=rule, copies=copies))

    async def capture_purchase(self, context: Context, *, purchase_id: UUID) -> Position:
        """This will end a purchase whose money was taken."""
        return await self._act(purchase_id, lambda purchase: purchase.capture(context))

    async def release_purchase(self, context: Context, *, purchase_id: UUID) -> Position:
        """This will end a purchase whose money was let go."""
        return await self._act(purchase_id, lambda purchase: purchase.release(context))

    async def leave_purchase_uncollected(self, context: Context, *, purchase_id: UUID, rule: str) -> Position:
        """This will end a purchase that was issued and can be charged no more; staff decides what becomes of it."""
        return await self._act(purchase_id, lambda purchase: purchase.leave_uncollected(context, rule=rule))

    async def flag_purchase(self, context: Context, *, purchase_id: UUID, reason: Flag) -> Position:
        """This will have staff look at a purchase, once for each reason."""
        return await self._act(purchase_id, lambda purchase: purchase.flag(context, reason=reason))

    async def _has_its_meter(self, purchase: Purchase) -> bool:
        if purchase.account_id is None:
            return False
        account = await self.load(Account, purchase.account_id)
        return not account.forgotten and purchase.meter_id in account.meters

    async def _act(self, purchase_id: UUID, decide: Callable[[Purchase], None]) -> Position:
        async def command() -> Position:
            purchase = await self.purchase(purchase_id)
            decide(purchase)
            return await self.save(purchase)

        return await self.attempt(command)

    async def _enter(self, context: Context, purchase: Purchase, receipt: Receipt, recognise: bool) -> Position:
        if purchase.wallet_id is None:
            raise PurchaseNotUnderWay
        wallet = await self.load(Wallet, purchase.wallet_id)
        wallet.buy_power(context, purchase_id=purchase.id, receipt=receipt)
        if not recognise:
            return await self.save(purchase, wallet)
        claim = await self.recognised(context, receipt, account_id=purchase.account_id, process_id=purchase.id)
        return await self.save(purchase, wallet, claim)
