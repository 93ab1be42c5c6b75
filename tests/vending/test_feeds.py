"""Taking in Juice's feeds, where one of them is out of order."""

import pytest

from domain.commands.feeds import NotYetKnown
from tests.domain.portal import make_portal
from tests.domain.scenario import context
from tests.vending.fake_juice import FakeJuice
from vending.feeds import MANY_ROUNDS, ORDER, Feeder, ItemNotUnderstood
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
