"""Redeeming a card: from the reservation, through what Juice says, to its one end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from domain.account import Account
from domain.aggregate import Refusal
from domain.commands.recognising import RecognisingCommands
from domain.event import Context
from domain.log import Position
from domain.meter import Meter
from domain.records import Answered, Record, SecretDestroyed, SecretHeld
from domain.redemption import CardRedemption, RedemptionNotUnderWay
from domain.wallet import CurrencyDiffers, Receipt, Wallet


class MeterNotOfAccount(Refusal):
    """The meter is not one of the account's."""


class AccountHasNoMeter(Refusal):
    """The account has no meter that could be credited."""


class MeterMustBeNamed(Refusal):
    """The account's number alone does not say which meter is meant: it has several for electricity, or none."""


class CardSecret(msgspec.Struct, frozen=True):
    """What Juice needs to know of the card, while a redemption is under way; with `meter`, the number that was confirmed.

    The same message must say the same each time it is sent, also where the meter has been moved or removed meanwhile.
    """

    serial: str
    code: str
    meter: str | None = None

    def __repr__(self) -> str:
        return "CardSecret(…)"


class Reserved(msgspec.Struct, frozen=True, kw_only=True):
    """A reservation that was written."""

    redemption_id: UUID
    message_id: UUID
    position: Position


class RedemptionCommands(RecognisingCommands):
    """Journey 12, as the web and the vendor go through it."""

    def redemption_id(self, serial: str) -> UUID:
        """This will give the id of the one redemption a card can have."""
        return self.natural_id("card-redemption", serial)

    async def reserve_redemption(
        self,
        context: Context,
        *,
        serial: str,
        code: str,
        amount: int,
        currency: str,
        account_id: UUID,
        meter_id: UUID | None,
        answer: Callable[[UUID], Answered] | None = None,
    ) -> Reserved:
        """This will reserve a card that Juice has found valid for an account's meter.

        `answer` makes the record that repetitions of this command will be answered with, of the redemption's id.
        Raises CardAlreadyRedeemed, CardBeingRedeemed, MeterNotOfAccount, AccountHasNoMeter, MeterMustBeNamed,
        CurrencyDiffers.
        """
        redemption_id = self.redemption_id(serial)
        message_id, secret_id = self.new_id(context), self.new_id(context)

        async def command() -> Reserved:
            account = await self.load(Account, account_id)
            meter = meter_of(account, meter_id)
            wallet = await self.look_at(Wallet, account.wallet_id)
            if wallet.currency != currency:
                raise CurrencyDiffers(f"{currency} is not {wallet.currency}")
            redemption = await self.load(CardRedemption, redemption_id)
            redemption.reserve(
                context,
                account_id=account_id,
                wallet_id=account.wallet_id,
                meter_id=meter.meter_id,
                message_id=message_id,
                secret_id=secret_id,
                amount=amount,
                currency=currency,
            )
            records: list[Record] = [
                SecretHeld(
                    secret_id=secret_id,
                    purpose="scratch-code",
                    account_id=account_id,
                    secret=msgspec.json.encode(CardSecret(serial=serial, code=code, meter=meter.number)).decode(),
                    expires_at=None,
                )
            ]
            if answer is not None:
                records.append(answer(redemption_id))
            position = await self.save(redemption, records=records)
            return Reserved(redemption_id=redemption_id, message_id=message_id, position=position)

        return await self.attempt(command)

    async def creditable_meter(self, account_id: UUID, meter_id: UUID | None) -> Meter:
        """This will give the meter that a card would be redeemed for.

        Raises MeterNotOfAccount, AccountHasNoMeter, MeterMustBeNamed.
        """
        return meter_of(await self.load(Account, account_id), meter_id)

    async def redemption(self, redemption_id: UUID) -> CardRedemption:
        """This will give the redemption as it is now."""
        return await self.load(CardRedemption, redemption_id)

    async def card_secret(self, redemption: CardRedemption) -> CardSecret | None:
        """This will give serial and code of a redemption under way; None once it has ended."""
        secret = await self.event_log.secret(redemption.secret_id) if redemption.secret_id else None
        return msgspec.json.decode(secret, type=CardSecret) if secret else None

    async def send_redemption(self, context: Context, *, redemption_id: UUID, message_id: UUID) -> Position:
        """This will write down that Juice is about to be asked.

        Raises RedemptionNotUnderWay, also where another asked first, MeterNotOfAccount where the meter has gone since.
        """

        async def command() -> Position:
            redemption = await self.redemption(redemption_id)
            redemption.send(context, message_id=message_id)
            if redemption.account_id is None:
                raise RedemptionNotUnderWay
            account = await self.load(Account, redemption.account_id)
            if redemption.meter_id is not None and redemption.meter_id not in account.meters:
                # The card would go to its next owner.
                raise MeterNotOfAccount
            return await self.save(redemption)

        return await self.attempt(command)

    async def send_redemption_again(
        self, context: Context, *, redemption_id: UUID, message_id: UUID, copies: tuple[datetime, ...]
    ) -> Position:
        """This will write down that Juice is about to be sent the same message again; `copies` are those that were asked
        after. Raises RedemptionNotUnderWay.
        """

        async def command() -> Position:
            redemption = await self.redemption(redemption_id)
            redemption.send_again(context, message_id=message_id, copies=copies)
            return await self.save(redemption)

        return await self.attempt(command)

    async def take_back_redemption(
        self, context: Context, *, redemption_id: UUID, message_id: UUID, sent_at: datetime
    ) -> Position:
        """This will write down that the copy that was to be sent then never left. Raises RedemptionNotUnderWay."""

        async def command() -> Position:
            redemption = await self.redemption(redemption_id)
            redemption.take_back(context, message_id=message_id, sent_at=sent_at)
            return await self.save(redemption)

        return await self.attempt(command)

    async def doubt_redemption(self, context: Context, *, redemption_id: UUID, message_id: UUID, reason: str) -> Position:
        """This will write down that Juice's reply was lost."""

        async def command() -> Position:
            redemption = await self.redemption(redemption_id)
            redemption.doubt(context, message_id=message_id, reason=reason)
            return await self.save(redemption)

        return await self.attempt(command)

    async def flag_redemption(self, context: Context, *, redemption_id: UUID, message_id: UUID) -> Position:
        """This will have staff look at a redemption whose doubt lasts, once."""

        async def command() -> Position:
            redemption = await self.redemption(redemption_id)
            redemption.flag(context, message_id=message_id)
            return await self.save(redemption)

        return await self.attempt(command)

    async def settle_redemption(
        self, context: Context, *, redemption_id: UUID, message_id: UUID, receipt: Receipt, recognise: bool = False
    ) -> Position:
        """This will end the redemption and credit the wallet by Juice's receipt, and destroy the code, in one transaction.

        With `recognise` its transaction is claimed too: where no message id says whose it is. Raises TransactionTaken.
        """

        async def command() -> Position:
            redemption = await self.redemption(redemption_id)
            if not redemption.settle(context, message_id=message_id, receipt=receipt):
                return 0
            if redemption.secret_id is None:
                raise RedemptionNotUnderWay
            return await self._credit(context, redemption, receipt, recognise, [SecretDestroyed(secret_id=redemption.secret_id)])

        return await self.attempt(command)

    async def correct_redemption(
        self, context: Context, *, redemption_id: UUID, message_id: UUID, receipt: Receipt, recognise: bool = False
    ) -> Position:
        """This will credit the wallet by the receipt of a redemption that Juice made although it was proven absent."""

        async def command() -> Position:
            redemption = await self.redemption(redemption_id)
            redemption.find_made(context, message_id=message_id, receipt=receipt)
            return await self._credit(context, redemption, receipt, recognise, [])

        return await self.attempt(command)

    async def prove_redemption_absent(
        self,
        context: Context,
        *,
        redemption_id: UUID,
        message_id: UUID,
        rule: str,
        copies: tuple[datetime, ...] | None = None,
    ) -> Position:
        """This will end the attempt: Juice is known not to have redeemed the card. The code is destroyed."""

        async def command() -> Position:
            redemption = await self.redemption(redemption_id)
            redemption.prove_absent(context, message_id=message_id, rule=rule, copies=copies)
            if redemption.secret_id is None:
                raise RedemptionNotUnderWay
            return await self.save(redemption, records=[SecretDestroyed(secret_id=redemption.secret_id)])

        return await self.attempt(command)

    async def _credit(
        self, context: Context, redemption: CardRedemption, receipt: Receipt, recognise: bool, records: Sequence[Record]
    ) -> Position:
        if redemption.wallet_id is None:
            raise RedemptionNotUnderWay
        wallet = await self.load(Wallet, redemption.wallet_id)
        wallet.redeem_card(context, redemption_id=redemption.id, receipt=receipt)
        if not recognise:
            return await self.save(redemption, wallet, records=records)
        claim = await self.recognised(context, receipt, account_id=redemption.account_id, process_id=redemption.id)
        return await self.save(redemption, wallet, claim, records=records)


def meter_of(account: Account, meter_id: UUID | None) -> Meter:
    """This will give the meter that is meant; a forgotten person's has none. Raises MeterNotOfAccount, AccountHasNoMeter,
    MeterMustBeNamed.
    """
    if account.forgotten:
        raise AccountHasNoMeter
    meter = account.primary_meter() if meter_id is None else account.meters.get(meter_id)
    if meter is None:
        if meter_id is not None:
            raise MeterNotOfAccount
        raise MeterMustBeNamed if account.meters else AccountHasNoMeter
    return meter
