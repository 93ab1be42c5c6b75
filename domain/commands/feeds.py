"""What Juice tells: accounts, meters, transactions, usage, arrears and balances. Told twice, recorded once."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from domain.account import Account
from domain.commands.base import Commands
from domain.contact import GivenContact
from domain.event import Context
from domain.log import Position
from domain.meter import Meter, MeterKind, Resource
from domain.passwords import make_password, normal_form
from domain.records import (
    AccountKeyCreated,
    CredentialVersionSet,
    FeedAdvanced,
    NumberAlreadyTaken,
    NumberAssigned,
    NumberReleased,
    Record,
)
from domain.usage import MeterUsage, Reading
from domain.utility import Description, Utility
from domain.wallet import Debt, Receipt, Wallet


class AccountTold(msgspec.Struct, frozen=True, kw_only=True):
    """An account as Juice describes it; contacts are in their normal form already, or None where Juice has none."""

    number: str
    name: str
    address: str
    language: str
    email: str | None
    phone: str | None


class MeterTold(msgspec.Struct, frozen=True, kw_only=True):
    """A meter as Juice describes it."""

    account_number: str
    number: str
    kind: MeterKind
    resource: Resource
    unit: str
    removed: bool


class NotYetKnown(Exception):
    """The feed speaks of an account or meter that the log does not know yet; the feeds are read in order for that reason."""


class FeedCommands(Commands):
    """How the log learns what Juice knows."""

    code: str

    async def describe_utility(self, context: Context, description: Description) -> Position:
        """This will record the utility's description where it changed."""

        async def command() -> Position:
            utility = await self.load(Utility, self.natural_id("utility", self.code))
            utility.describe(context, description)
            return await self.save(utility)

        return await self.attempt(command)

    async def utility(self) -> Description | None:
        """This will give the utility's description; None before Juice was first asked."""
        return (await self.look_at(Utility, self.natural_id("utility", self.code))).description

    async def learn_account(self, context: Context, told: AccountTold, *, currency: str) -> Position:
        """This will open the account with its wallet and a password told to nobody, or record what is new of it."""

        async def command() -> Position:
            found = await self.event_log.find_number("account", told.number)
            if found is None:
                return await self._open(context, told, currency)
            account = await self.load(Account, found.account_id)
            if account.forgotten:
                return 0
            account.describe(context, name=told.name, address=told.address, language=told.language)
            self._register_contacts(context, account, told)
            return await self.save(account)

        try:
            return await self.attempt(command)
        except NumberAlreadyTaken:  # another reader of the feed opened it meanwhile
            return await self.attempt(command)

    async def learn_meter(self, context: Context, told: MeterTold) -> Position:
        """This will record a meter that is new, was moved, swapped or removed. Raises NotYetKnown."""

        async def command() -> Position:
            found = await self.event_log.find_number("account", told.account_number)
            if found is None:
                raise NotYetKnown
            account = await self.load(Account, found.account_id)
            if account.forgotten:
                return 0
            present = await self.event_log.find_number("meter", told.number)
            records: list[Record] = []
            meter_id = present.meter_id if present and present.meter_id else self.new_id(context)
            if told.removed:
                if present is None or present.account_id != account.id:
                    return 0
                account.remove_meter(context, meter_id)
                return await self.save(account, records=[NumberReleased(kind="meter", number=told.number)])
            changed: list[Account] = [account]
            if present is not None and present.account_id != account.id:
                former = await self.load(Account, present.account_id)
                former.remove_meter(context, meter_id)
                changed.append(former)
                records.append(NumberReleased(kind="meter", number=told.number))
            if present is None or len(changed) > 1:
                records.append(NumberAssigned(kind="meter", number=told.number, account_id=account.id, meter_id=meter_id))
            account.install_meter(
                context,
                Meter(meter_id=meter_id, number=told.number, kind=told.kind, resource=told.resource, unit=told.unit),
            )
            return await self.save(*changed, records=records)

        return await self.attempt(command)

    async def learn_transactions(
        self, context: Context, *, account_number: str, transactions: list[tuple[str, Receipt]]
    ) -> Position:
        """This will record an account's transactions, (kind, receipt) each; those known by Juice's number are left alone."""

        async def command() -> Position:
            wallet = await self._wallet_of(account_number)
            for kind, receipt in transactions:
                wallet.take_transaction(context, kind=kind, receipt=receipt)
            return await self.save(wallet)

        return await self.attempt(command)

    async def learn_arrears(self, context: Context, *, account_number: str, debts: tuple[Debt, ...], as_of: datetime) -> Position:
        """This will record what the account owes, where it changed."""

        async def command() -> Position:
            wallet = await self._wallet_of(account_number)
            wallet.state_arrears(context, debts=debts, as_of=as_of)
            return await self.save(wallet)

        return await self.attempt(command)

    async def compare_balance(
        self, context: Context, *, account_number: str, juice_balance: int, through: str | None, as_of: datetime
    ) -> Position:
        """This will compare Juice's balance with the recorded one, and record a difference.

        Raises NotYetKnown while the last transaction in Juice's balance is not recorded here.
        """

        async def command() -> Position:
            wallet = await self._wallet_of(account_number)
            if through is not None and through not in wallet.juice_numbers:
                raise NotYetKnown
            wallet.compare(context, juice_balance=juice_balance, through=through, as_of=as_of)
            return await self.save(wallet)

        return await self.attempt(command)

    async def learn_usage(self, context: Context, *, meter_number: str, readings: list[Reading]) -> Position:
        """This will record a meter's readings, each month in its own stream; late ones of a removed meter too.

        Raises NotYetKnown.
        """
        account_id, meter = await self._present_or_former_meter(meter_number)
        months: dict[date, list[Reading]] = {}
        for reading in readings:
            months.setdefault(reading.day.replace(day=1), []).append(reading)

        async def command() -> Position:
            streams = []
            for month, of_month in months.items():
                usage = await self.load(MeterUsage, self.natural_id("meter-usage", f"{meter.meter_id}/{month:%Y-%m}"))
                usage.take(
                    context,
                    account_id=account_id,
                    meter_id=meter.meter_id,
                    resource=meter.resource,
                    unit=meter.unit,
                    readings=of_month,
                )
                streams.append(usage)
            return await self.save(*streams)

        return await self.attempt(command)

    async def _present_or_former_meter(self, number: str) -> tuple[UUID, Meter]:
        found = await self.event_log.find_number("meter", number)
        if found is not None and found.meter_id is not None:
            meter = (await self.load(Account, found.account_id)).meters.get(found.meter_id)
            if meter is not None:
                return found.account_id, meter
        for account_id in await self.event_log.find_former("meter", number):
            former = (await self.load(Account, account_id)).former_meters.values()
            if meter := next((meter for meter in former if meter.number == number), None):
                return account_id, meter
        raise NotYetKnown

    async def advance_feed(self, feed: str, cursor: str) -> None:
        """This will note that everything of the feed up to the cursor is in the log."""
        await self.event_log.append([], [FeedAdvanced(feed=feed, cursor=cursor)])

    async def _wallet_of(self, account_number: str) -> Wallet:
        found = await self.event_log.find_number("account", account_number)
        if found is None:
            raise NotYetKnown
        account = await self.load(Account, found.account_id)
        return await self.load(Wallet, account.wallet_id)

    async def _open(self, context: Context, told: AccountTold, currency: str) -> Position:
        account, wallet = Account(self.new_id(context)), Wallet(self.new_id(context))
        account.open(
            context,
            number=told.number,
            name=told.name,
            address=told.address,
            language=told.language,
            wallet_id=wallet.id,
        )
        self._register_contacts(context, account, told)
        account.issue_password(
            context,
            issue_id=self.new_id(context),
            verifier=self.passwords.keyed(normal_form(make_password(self.randomness))),
            secret_id=None,
            reason="account opened",
        )
        wallet.open(context, account_id=account.id, currency=currency)
        return await self.save(
            account,
            wallet,
            records=[
                AccountKeyCreated(account_id=account.id),
                NumberAssigned(kind="account", number=told.number, account_id=account.id),
                CredentialVersionSet(account_id=account.id, version=account.credentials.version),
            ],
        )

    def _register_contacts(self, context: Context, account: Account, told: AccountTold) -> None:
        if told.email:
            account.register_contact(context, GivenContact(contact_id=self.new_id(context), channel="email", value=told.email))
        if told.phone:
            account.register_contact(context, GivenContact(contact_id=self.new_id(context), channel="sms", value=told.phone))
