"""What the vendor has to do, on a real PostgreSQL: noted from the log, claimed by one, put off unless there is news."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eventlog.follower import Follower
from tests.domain.scenario import NOON, context
from tests.projections.lives import VENDOR, buy, live
from vending.work import KINDS, LEASE, PURCHASES, REDEMPTIONS, SHARES, SOON, Work


class Desk:
    """A table of work, followed up to the end of the log whenever somebody looks."""

    def __init__(self, utility, kind):
        self.utility = utility
        self.work = Work(utility.pool, utility.schema, kind)

    async def follow(self):
        await Follower(self.utility.dsn, self.utility.log, f"test of {self.work.kind.id}", self.work.follow).catch_up()

    async def due(self, after=timedelta(0)):
        await self.follow()
        return await self.work.claim(NOON + after, 16)

    async def put_off(self, task, by):
        await self.work.postpone(task, NOON + by)


@pytest.fixture
async def account(utility):
    await live(utility.portal, "1001")
    return await utility.portal.find("071001")


async def request(portal, account):
    wanted = {"account_id": account.account_id, "meter_id": None, "amount": 5000, "currency": "ZAR", "language": "en"}
    return (await portal.request_purchase(context(), **wanted)).purchase_id


class AProcess:
    @pytest.mark.parametrize("kind", KINDS, ids=[kind.id for kind in KINDS])
    async def test_that_has_ended_is_nobodys_work(self, utility, account, kind):
        await buy(utility.portal, "1001")
        unanswered = [utility.portal.share_id(account.account_id, "D3")] if kind is SHARES else []
        assert [task.id for task in await Desk(utility, kind).due(timedelta(days=1))] == unanswered

    async def test_that_begins_is_due_at_once_and_for_one_alone(self, utility, account):
        desk, purchase_id = Desk(utility, PURCHASES), await request(utility.portal, account)
        assert [task.id for task in await desk.due()] == [purchase_id]
        assert await desk.due() == []
        assert [task.attempts for task in await desk.due(LEASE)] == [2]

    async def test_stays_with_whoever_holds_its_lease_until_there_is_news(self, utility, account):
        desk, purchase_id = Desk(utility, PURCHASES), await request(utility.portal, account)
        held = await desk.due()
        await desk.work.renew(held, NOON + LEASE / 2)
        assert await desk.due(LEASE) == []
        assert [task.id for task in await desk.due(LEASE * 3 / 2)] == [purchase_id]
        await desk.work.renew(held, NOON + 3 * LEASE)  # too late: somebody else has it
        assert [task.attempts for task in await desk.due(LEASE * 5 / 2)] == [3]

    async def test_is_of_its_own_kind(self, utility, account):
        await request(utility.portal, account)
        assert await Desk(utility, REDEMPTIONS).due() == []


class APurchase:
    async def test_is_looked_at_soon_after_its_payment_page_is_open(self, utility, account):
        desk, purchase_id = Desk(utility, PURCHASES), await request(utility.portal, account)
        (task,) = await desk.due()
        await desk.put_off(task, timedelta(minutes=15))
        await utility.portal.open_checkout(context(), purchase_id=purchase_id, checkout_id="cs_1")
        assert await desk.due() == []
        assert [task.attempts for task in await desk.due(SOON)] == [1]

    async def test_is_looked_at_at_once_where_word_comes_whatever_was_put_off_before(self, utility, account):
        desk, purchase_id = Desk(utility, PURCHASES), await request(utility.portal, account)
        (task,) = await desk.due()
        await utility.portal.notice_purchase(VENDOR, purchase_id=purchase_id, notice_id="evt_1", kind="authorised")
        await desk.follow()
        # Whoever looked before the word came puts it off afterwards, and is not heard.
        await desk.put_off(task, timedelta(minutes=5))
        assert [task.id for task in await desk.due()] == [purchase_id]
