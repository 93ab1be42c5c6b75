"""The commands: load, act, save, and what they keep beside the log."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest
from eventsourcing.persistence import IntegrityError

from domain import account_events as happened
from domain.access import AddressNoLongerSuffices, WrongAddress
from domain.account import Account
from domain.aggregate import Aggregate
from domain.commands.base import TooManyAtOnce
from domain.commands.feeds import AccountTold, MeterTold, NotYetKnown
from domain.commands.forgetting import Begun, MoneyUnderWay
from domain.commands.identity import LoginRefused, UnknownNumber, WrongPassword
from domain.commands.redemptions import AccountHasNoMeter, MeterNotOfAccount
from domain.event import CATALOGUE
from domain.links import LinkNoLongerValid
from domain.passwords import PasswordTooCommon, PasswordTooShort
from domain.redemption import CardAlreadyRedeemed, CardBeingRedeemed, RedemptionReserved
from domain.usage import Reading, UsageRecorded
from domain.wallet import CardRedeemed, Receipt, TransactionRecorded, Wallet, WalletReconciled
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import NOON, context, nothing_begun

TOLD = AccountTold(
    number="1001", name="Thandi", address="12 Acacia Road", language="en", email="t@example.org", phone="+27821234567"
)
METER = MeterTold(account_number="1001", number="0701", kind="STS", resource="electricity", unit="kWh", removed=False)
NEW = {"email": "new@example.org", "phone": "+27829999999"}


def receipt(juice_number="J1", change=0, balance=0):
    return Receipt(
        juice_number=juice_number,
        happened_at=NOON,
        amount=5000,
        currency="ZAR",
        lines=(),
        wallet_change=change,
        wallet_balance=balance,
    )


def kinds(log):
    return [type(event).__name__ for event in log.all]


@pytest.fixture
def log():
    return MemoryLog()


@pytest.fixture
async def portal(log):
    portal = make_portal(log)
    await portal.learn_account(context(by="juice"), TOLD, currency="ZAR")
    await portal.learn_meter(context(by="juice"), METER)
    return portal


@pytest.fixture
async def account_id(portal):
    return (await portal.find("1001")).account_id


class AnAccountFromTheFeed:
    async def test_has_a_wallet_contacts_and_a_password_told_to_nobody(self, portal, log):
        assert kinds(log)[:5] == ["AccountOpened", "ContactAdded", "ContactAdded", "PasswordIssued", "WalletOpened"]
        issued = next(event for event in log.all if isinstance(event, happened.PasswordIssued))
        assert (issued.recipients, issued.secret_id, log.secrets) == ((), None, {})

    async def test_told_again_is_recorded_once(self, portal, log):
        before = len(log.all)
        await portal.learn_account(context(by="juice"), TOLD, currency="ZAR")
        await portal.learn_meter(context(by="juice"), METER)
        assert len(log.all) == before

    async def test_told_twice_at_once_is_opened_once(self, log):
        portal = make_portal(log)
        await asyncio.gather(*(portal.learn_account(context(by="juice"), TOLD, currency="ZAR") for _ in range(8)))
        assert kinds(log).count("AccountOpened") == 1

    async def test_is_found_by_its_number_and_its_meters(self, portal, account_id):
        assert (await portal.find("0701")).account_id == account_id
        with pytest.raises(UnknownNumber):
            await portal.find("9999")


class AMeterFromTheFeed:
    async def test_moves_with_its_number(self, portal, account_id):
        await portal.learn_account(
            context(by="juice"),
            AccountTold(number="1002", name="Sipho", address="3 Elm", language="en", email=None, phone=None),
            currency="ZAR",
        )
        moved = MeterTold(account_number="1002", number="0701", kind="STS", resource="electricity", unit="kWh", removed=False)
        await portal.learn_meter(context(by="juice"), moved)
        found = await portal.find("0701")
        assert found.account_id != account_id
        assert not (await portal.account(account_id)).meters
        assert found.meter_id in (await portal.account(found.account_id)).meters

    async def test_that_was_removed_leads_nowhere(self, portal):
        gone = MeterTold(account_number="1001", number="0701", kind="STS", resource="electricity", unit="kWh", removed=True)
        await portal.learn_meter(context(by="juice"), gone)
        with pytest.raises(UnknownNumber):
            await portal.find("0701")

    async def test_of_an_unknown_account_has_to_wait(self, portal):
        early = MeterTold(account_number="7", number="0702", kind="STS", resource="water", unit="kl", removed=False)
        with pytest.raises(NotYetKnown):
            await portal.learn_meter(context(by="juice"), early)


class UsageFromTheFeed:
    async def test_is_recorded_by_the_month_and_once(self, portal, log):
        readings = [Reading(date(2026, 1, 31), 5000), Reading(date(2026, 2, 1), 6000)]
        for _ in range(2):
            await portal.learn_usage(context(by="juice"), meter_number="0701", readings=readings)
        recorded = [event for event in log.all if isinstance(event, UsageRecorded)]
        assert [event.readings for event in recorded] == [(readings[0],), (readings[1],)]

    async def test_of_a_meter_that_was_removed_meanwhile_is_recorded_too(self, portal, log, account_id):
        await portal.learn_meter(context(by="juice"), msgspec.structs.replace(METER, removed=True))
        await portal.learn_usage(context(by="juice"), meter_number="0701", readings=[Reading(date(2026, 1, 31), 5000)])
        assert [event.account_id for event in log.all if isinstance(event, UsageRecorded)] == [account_id]

    async def test_of_a_meter_that_nobody_told_of_has_to_wait(self, portal):
        with pytest.raises(NotYetKnown):
            await portal.learn_usage(context(by="juice"), meter_number="0799", readings=[Reading(date(2026, 1, 31), 5000)])


class TransactionsFromTheFeed:
    async def test_are_recorded_once(self, portal, log):
        for _ in range(2):
            await portal.learn_transactions(
                context(by="juice"), account_number="1001", transactions=[("Cash", receipt("J1")), ("Free", receipt("J2"))]
            )
        assert sum(isinstance(event, TransactionRecorded) for event in log.all) == 2

    async def test_are_awaited_before_balances_are_compared(self, portal):
        with pytest.raises(NotYetKnown):
            await portal.compare_balance(context(by="juice"), account_number="1001", juice_balance=5, through="J9", as_of=NOON)

    async def test_leave_a_difference_on_record(self, portal, log):
        await portal.compare_balance(context(by="juice"), account_number="1001", juice_balance=5, through=None, as_of=NOON)
        assert isinstance(log.all[-1], WalletReconciled)


class ConfirmingIdentity:
    async def test_puts_the_password_in_transit_and_not_in_an_event(self, portal, log, account_id):
        await portal.confirm_identity(context(), account_id=account_id, address=TOLD.address, **NEW)
        (password,) = log.secrets.values()
        assert password not in repr(log.all)
        assert isinstance(log.all[-1], happened.PasswordIssued)

    async def test_records_a_wrong_pick_and_issues_nothing(self, portal, log, account_id):
        with pytest.raises(WrongAddress):
            await portal.confirm_identity(context(), account_id=account_id, address="elsewhere", **NEW)
        assert isinstance(log.all[-1], happened.AddressMispicked)
        assert log.secrets == {}

    async def test_goes_on_by_a_link_when_the_address_no_longer_suffices(self, portal, log, account_id):
        for _ in range(2):
            with pytest.raises(WrongAddress):
                await portal.confirm_identity(context(), account_id=account_id, address="elsewhere", **NEW)
        with pytest.raises(AddressNoLongerSuffices):
            await portal.confirm_identity(context(), account_id=account_id, address=TOLD.address, **NEW)
        await portal.offer_continuation(context(), account_id=account_id)
        offer_id = log.all[-1].offer_id
        await portal.confirm_identity(context(), account_id=account_id, offer_id=offer_id, **NEW)
        assert len(log.secrets) == 1
        with pytest.raises(LinkNoLongerValid):
            await portal.confirm_identity(context(), account_id=account_id, offer_id=offer_id, **NEW)


class LoggingIn:
    @pytest.fixture
    async def password(self, portal, log, account_id):
        await portal.confirm_identity(context(), account_id=account_id, address=TOLD.address, **NEW)
        return next(iter(log.secrets.values()))

    async def test_works_with_the_issued_password_by_account_and_by_meter(self, portal, password, account_id):
        for number in ("1001", "0701"):
            login = await portal.log_in(context(), number=number, password=password)
            assert (login.account_id, login.credential_version) == (account_id, 1)

    async def test_is_refused_alike_for_unknown_numbers_and_wrong_passwords(self, portal, password):
        for number, tried in (("9999", password), ("1001", "wrong")):
            with pytest.raises(LoginRefused):
                await portal.log_in(context(), number=number, password=tried)

    async def test_is_refused_with_an_issued_password_that_expired_unused(self, portal, password):
        with pytest.raises(LoginRefused):
            await portal.log_in(context(NOON + timedelta(hours=73)), number="1001", password=password)

    async def test_works_with_the_own_password_and_no_longer_with_the_issued_one(self, portal, password, account_id):
        login = await portal.log_in(context(), number="1001", password=password)
        await portal.choose_password(
            context(), account_id=account_id, current=password, chosen="correct horse", via_issue=login.via_issue
        )
        after = await portal.log_in(context(), number="1001", password="correct horse")
        assert (after.credential_version, after.via_issue) == (2, login.via_issue)
        with pytest.raises(LoginRefused):
            await portal.log_in(context(), number="1001", password=password)

    async def test_after_an_undo_works_with_neither(self, portal, log, password, account_id):
        login = await portal.log_in(context(), number="1001", password=password)
        await portal.choose_password(
            context(), account_id=account_id, current=password, chosen="correct horse", via_issue=login.via_issue
        )
        await portal.undo_issue(context(), account_id=account_id, issue_id=login.via_issue)
        assert log.versions[account_id] == 3
        for tried in (password, "correct horse"):
            with pytest.raises(LoginRefused):
                await portal.log_in(context(), number="1001", password=tried)


class ChoosingAPassword:
    @pytest.mark.parametrize(
        ("chosen", "refusal"), [("seven77", PasswordTooShort), ("password1", PasswordTooCommon)], ids=["short", "listed"]
    )
    async def test_refuses_what_is_too_weak(self, portal, account_id, chosen, refusal):
        with pytest.raises(refusal):
            await portal.choose_password(context(), account_id=account_id, current="x", chosen=chosen, via_issue=None)

    async def test_asks_for_the_current_one(self, portal, account_id):
        with pytest.raises(WrongPassword):
            await portal.choose_password(
                context(), account_id=account_id, current="wrong", chosen="correct horse", via_issue=None
            )


class ForgettingAPerson:
    async def test_ends_every_credential_and_leaves_nothing_personal_in_the_log(self, portal, log, account_id):
        await portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=nothing_begun)
        assert log.versions[account_id] == 2
        for personal in (TOLD.name, TOLD.address, TOLD.email, TOLD.phone, TOLD.number):
            assert personal not in repr(log.all)
        with pytest.raises(UnknownNumber):
            await portal.account(account_id)

    async def test_is_not_undone_by_juices_feed(self, portal, log, account_id):
        await portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=nothing_begun)
        before = len(log.all)
        await portal.learn_account(context(by="juice"), TOLD, currency="ZAR")
        await portal.learn_meter(context(by="juice"), METER)
        assert len(log.all) == before

    async def test_is_refused_while_a_purchase_is_under_way(self, portal, log, account_id):
        await portal.learn_meter(context(by="juice"), METER)
        wish = {"account_id": account_id, "meter_id": None, "amount": 5000, "currency": "ZAR", "language": "en"}
        requested = await portal.request_purchase(context(), **wish)

        async def begun():
            return Begun(purchases=(requested.purchase_id,))

        with pytest.raises(MoneyUnderWay):
            await portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=begun)
        assert (await portal.account(account_id)).name == TOLD.name and log.versions[account_id] == 1
        await portal.abandon_purchase(context(), purchase_id=requested.purchase_id, reason="cancelled")
        await portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=begun)
        assert TOLD.name not in repr(log.all)

    async def test_is_refused_while_a_card_is_being_redeemed(self, portal, log, account_id):
        await portal.learn_meter(context(by="juice"), METER)
        card = {"serial": "S1", "code": "C1", "amount": 5000, "currency": "ZAR", "account_id": account_id, "meter_id": None}
        reserved = await portal.reserve_redemption(context(), **card)

        async def begun():
            return Begun(redemptions=(reserved.redemption_id,))

        with pytest.raises(MoneyUnderWay):
            await portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=begun)
        assert TOLD.name in repr(log.all)
        ids = {"redemption_id": reserved.redemption_id, "message_id": reserved.message_id}
        await portal.prove_redemption_absent(context(), **ids, rule="CardUsed")
        await portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=begun)
        assert TOLD.name not in repr(log.all)

    async def test_sees_what_began_meanwhile_and_destroys_nothing_until_it_has_ended(self, portal, log, account_id):
        await portal.learn_meter(context(by="juice"), METER)
        wish = {"account_id": account_id, "meter_id": None, "amount": 5000, "currency": "ZAR", "language": "en"}
        seen = [Begun()]

        async def begun():
            if len(seen) == 1:
                seen.append(Begun(purchases=((await portal.request_purchase(context(), **wish)).purchase_id,)))
                return seen[0]
            return seen[1]

        with pytest.raises(MoneyUnderWay):
            await portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=begun)
        assert TOLD.name in repr(log.all)
        with pytest.raises(AccountHasNoMeter):
            await portal.request_purchase(context(), **wish)
        await portal.abandon_purchase(context(), purchase_id=seen[1].purchases[0], reason="expired")
        await portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=begun)
        assert TOLD.name not in repr(log.all)

    async def test_leaves_the_money_as_it_was(self, portal, account_id):
        transactions = [("Cash", receipt("J1", change=300))]
        await portal.learn_transactions(context(by="juice"), account_number="1001", transactions=transactions)
        await portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=nothing_begun)
        wallet = await portal.load(Wallet, (await portal.load(Account, account_id)).wallet_id)
        assert wallet.balance == 300


class RedeemingACard:
    CARD = {"serial": "S1", "code": "ABCDEF123456", "amount": 5000, "currency": "ZAR"}

    @pytest.fixture
    def reserve(self, portal, account_id):
        async def reserve(**other):
            return await portal.reserve_redemption(context(), account_id=account_id, meter_id=None, **{**self.CARD, **other})

        return reserve

    async def test_keeps_the_code_only_while_it_is_under_way(self, portal, log, reserve):
        reserved = await reserve()
        secret = await portal.card_secret(await portal.redemption(reserved.redemption_id))
        assert (secret.serial, secret.code) == ("S1", "ABCDEF123456")
        assert "ABCDEF123456" not in repr(secret) + repr(log.all)
        await self.settle(portal, reserved)
        assert log.secrets == {}

    async def settle(self, portal, reserved, juice_number="J1"):
        await portal.send_redemption(context(), redemption_id=reserved.redemption_id, message_id=reserved.message_id)
        for _ in range(2):
            await portal.settle_redemption(
                context(),
                redemption_id=reserved.redemption_id,
                message_id=reserved.message_id,
                receipt=receipt(juice_number),
            )

    async def test_credits_once_however_often_its_end_is_told(self, portal, log, reserve):
        await self.settle(portal, await reserve())
        assert sum(isinstance(event, CardRedeemed) for event in log.all) == 1
        with pytest.raises(CardAlreadyRedeemed):
            await reserve()

    async def test_reserves_once_however_many_race(self, log, reserve):
        results = await asyncio.gather(*(reserve() for _ in range(64)), return_exceptions=True)
        assert sum(isinstance(result, CardBeingRedeemed) for result in results) == 63
        assert sum(isinstance(event, RedemptionReserved) for event in log.all) == 1

    async def test_is_not_counted_twice_when_the_feed_tells_of_it(self, portal, log, reserve):
        await self.settle(portal, await reserve(), "J7")
        await portal.learn_transactions(context(by="juice"), account_number="1001", transactions=[("JC", receipt("J7"))])
        assert not any(isinstance(event, TransactionRecorded) for event in log.all)

    async def test_refuses_a_meter_of_another_account(self, portal, account_id):
        with pytest.raises(MeterNotOfAccount):
            await portal.reserve_redemption(context(), account_id=account_id, meter_id=UUID(int=99), **self.CARD)

    async def test_frees_the_card_and_destroys_the_code_when_proven_absent(self, portal, log, reserve):
        reserved = await reserve()
        await portal.send_redemption(context(), redemption_id=reserved.redemption_id, message_id=reserved.message_id)
        await portal.prove_redemption_absent(
            context(), redemption_id=reserved.redemption_id, message_id=reserved.message_id, rule="BlockedMeter"
        )
        assert log.secrets == {}
        assert (await reserve()).redemption_id == reserved.redemption_id


class ACommand:
    async def test_gives_up_where_others_are_always_faster(self, portal, log, account_id):
        async def always_taken(events, beside=()):
            raise IntegrityError

        log.append = always_taken
        with pytest.raises(TooManyAtOnce):
            await portal.offer_continuation(context(), account_id=account_id)


def evolved(event_class):
    """The aggregates that evolve by it; a part of one is none itself."""
    return [aggregate.__name__ for aggregate in whole(Aggregate) if event_class in aggregate.EVOLVERS]


def whole(cls):
    below = cls.__subclasses__()
    return [found for each in below for found in whole(each)] if below else [cls]


class TheCatalogue:
    def test_has_each_event_evolve_exactly_one_aggregate(self):
        by = {cls.__name__: evolved(cls) for cls in CATALOGUE.values() if cls.__module__.startswith("domain.")}
        nobody = [name for name, aggregates in by.items() if not aggregates]
        several = {name: aggregates for name, aggregates in by.items() if len(aggregates) > 1}
        assert not nobody, f"no aggregate has a method marked @evolves for {', '.join(nobody)}"
        assert not several, f"more than one aggregate evolves by the same event: {several}"
