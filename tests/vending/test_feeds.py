"""Taking in Juice's feeds, where one of them is out of order."""

import pytest

from domain.commands.feeds import NotYetKnown
from domain.wallet import TransactionRecorded, WalletReconciled
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import NOON, context
from tests.domain.test_portal import METER, TOLD
from tests.vending.fake_juice import FakeJuice
from vending.feeds import MANY_ROUNDS, ORDER, Feeder, ItemNotUnderstood
from vending.juice_answers import Page
from vending.redeeming import Redeeming


class FeederOfOneBadFeed(Feeder):
    """Takes nothing in; the feed of transactions raises what it is told to."""

    def __init__(self, error):
        portal, juice = make_portal(), FakeJuice()
        super().__init__(portal, juice, Redeeming(portal, juice), None)
        self.error, self.taken = error, []

    async def describe(self, context):
        return None

    async def take_page(self, feed, context):
        self.taken.append(feed)
        if feed == "transactions":
            raise self.error
        return False


class AFeedThatCannotBeUnderstood:
    async def test_stops_no_other_and_is_told_of(self):
        feeder = FeederOfOneBadFeed(ItemNotUnderstood("TransactionItem"))
        with pytest.raises(ItemNotUnderstood):
            await feeder.take_all(context)
        assert feeder.taken == list(ORDER)


class AFeedThatWaits:
    async def test_is_called_an_error_once_it_has_waited_many_rounds(self, caplog):
        feeder = FeederOfOneBadFeed(NotYetKnown())
        for _ in range(MANY_ROUNDS):
            assert "stands still" not in caplog.text
            await feeder.take_all(context)
        assert "stands still" in caplog.text


class JuiceThatSellsMeanwhile(FakeJuice):
    """Two sales of an account, of which a balance tells before the first one was read from the feed."""

    async def feed(self, name, *, after, limit):
        items = {"transactions": [sold("T1"), sold("T2")], "balances": [balance(through="T2")]}
        return Page(items=tuple(items[name][int(after or 0) :]), cursor=str(len(items[name])), more=False)


def sold(number):
    sale = {"message_id": None, "at": NOON.isoformat(), "type": "Cash", "account": TOLD.number, "meter": None, "units": None}
    return sale | {"transaction": number, "amount": 500, "currency": "ZAR", "wallet_change": 500, "wallet_balance": 0}


def balance(*, through):
    told = {"account": TOLD.number, "wallet_balance": 1000, "currency": "ZAR", "as_of": NOON.isoformat()}
    return told | {"through_transaction": through}


class ABalance:
    async def test_is_compared_once_everything_that_it_counts_is_recorded(self):
        log = MemoryLog()
        portal, juice = make_portal(log), JuiceThatSellsMeanwhile()
        await portal.learn_account(context(by="juice"), TOLD, currency="ZAR")
        await portal.learn_meter(context(by="juice"), METER)
        feeder = Feeder(portal, juice, Redeeming(portal, juice), None)
        await feeder.take_page("balances", context(by="juice"))
        kinds = [type(event) for event in log.all]
        assert kinds.count(TransactionRecorded) == 2 and WalletReconciled not in kinds
